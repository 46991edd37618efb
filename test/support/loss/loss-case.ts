import type { MatrixVendor } from '../../../src/catalog/field-matrix.ts';
import type { ChatRequest } from '../../../src/core/chat.ts';
import type { ArrivedRequest } from '../../../src/core/client-dialect.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { decodeMessagesRequest } from '../../../src/dialects/anthropic-messages/decode.ts';
import { decodeGenerateRequest } from '../../../src/dialects/gemini-generate/decode.ts';
import { decodeChatRequest } from '../../../src/dialects/openai-chat/decode.ts';
import { decodeResponsesRequest } from '../../../src/dialects/openai-responses/decode.ts';
import { adapt } from '../../../src/prompts/adapt.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { PROVIDERS } from '../../../src/providers/registry.ts';
import { planAttempts, requireCandidate } from '../../../src/routing/plan.ts';
import { testDeployment, testRoute } from '../deployment.ts';
import { anthropicRequest } from './anthropic-request.ts';
import { chatRequest } from './chat-request.ts';
import { CHAT_RULES, GEMINI_RULES, MESSAGES_RULES, RESPONSES_RULES, type DialectRules } from './dialect-rules.ts';
import { geminiRequest } from './gemini-request.ts';
import { lossesOf, type Passage } from './losses.ts';
import type { RequestMaker } from './request-maker.ts';
import { responsesRequest } from './responses-request.ts';
import { SentBody } from './sent-body.ts';

/** How requests of one dialect are made, read and judged. */
export interface LossDialect {
  readonly make: (maker: RequestMaker) => JsonObject;
  readonly decode: (arrived: ArrivedRequest) => ChatRequest;
  readonly rules: DialectRules;
}

export const LOSS_DIALECTS: Readonly<Record<string, LossDialect>> = {
  'openai-chat': {
    make: chatRequest,
    decode: ({ body, headers }) => decodeChatRequest(body, headers),
    rules: CHAT_RULES,
  },
  'openai-responses': { make: responsesRequest, decode: decodeResponsesRequest, rules: RESPONSES_RULES },
  'anthropic-messages': { make: anthropicRequest, decode: decodeMessagesRequest, rules: MESSAGES_RULES },
  'gemini-generate': {
    make: geminiRequest,
    decode: (arrived) => decodeGenerateRequest(arrived, { stream: false }),
    rules: GEMINI_RULES,
  },
};

/** Models of each vendor that differ in what they take. */
export const LOSS_MODELS: readonly (readonly [kind: string, model: string])[] = [
  ['openai', 'gpt-4o'],
  ['anthropic', 'claude-opus-4-8'],
  ['google', 'gemini-2.5-flash'],
  ['deepseek', 'deepseek-chat'],
  ['openai', 'gpt-5'],
  ['anthropic', 'claude-haiku-4-5'],
  ['google', 'gemini-3-pro'],
  ['deepseek', 'deepseek-reasoner'],
];

/** What became of one request at one model. */
export type LossOutcome =
  | { readonly outcome: 'sent'; readonly passage: Passage; readonly losses: readonly string[] }
  | { readonly outcome: 'refused'; readonly param: string | null; readonly problems: readonly string[] };

/** Decodes, plans, adapts and encodes the request as the pipeline does, and looks for what was lost on the way. */
export function runLossCase(body: JsonObject, dialect: LossDialect, kind: string, model: string): LossOutcome {
  const provider = PROVIDERS.get(kind) as Provider;
  const deployment = testDeployment(provider, model);
  const route = testRoute([deployment]);
  try {
    const bytes = Buffer.from(JSON.stringify(body));
    const request = dialect.decode({ body: bytes, headers: new Map(), pathParameter: 'any', explain: false });
    requireCandidate(planAttempts(request, { asked: 'task', route, candidates: [deployment] }));
    const adapted = adapt(request, deployment, route, null);
    const encoded = provider.encode(adapted, deployment);
    const passage: Passage = {
      body,
      request,
      sent: new SentBody(JSON.parse(encoded.body.toString('utf8')) as JsonObject),
      adjustments: [...adapted.adjustments, ...encoded.adjustments],
      vendor: (kind === 'vertex' ? 'google' : kind) as MatrixVendor,
      capabilities: deployment.capabilities,
      isSameProtocol: provider.protocol === request.dialect,
    };
    return { outcome: 'sent', passage, losses: lossesOf(passage, dialect.rules) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const isNamed = error.status === 400 && error.param !== null;
    return {
      outcome: 'refused',
      param: error.param,
      problems: isNamed ? [] : [`refused with ${error.status}, naming ${error.param}: ${error.message}`],
    };
  }
}
