import type { MatrixVendor } from '../../../src/catalog/field-matrix.ts';
import type { Adjustment } from '../../../src/core/adjustment.ts';
import type { ChatRequest } from '../../../src/core/chat.ts';
import type { ArrivedRequest } from '../../../src/core/client-dialect.ts';
import type { Deployment } from '../../../src/core/deployment.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { decodeMessagesRequest } from '../../../src/dialects/anthropic-messages/decode.ts';
import { decodeGenerateRequest } from '../../../src/dialects/gemini-generate/decode.ts';
import { decodeChatRequest } from '../../../src/dialects/openai-chat/decode.ts';
import { decodeResponsesRequest } from '../../../src/dialects/openai-responses/decode.ts';
import { adapt } from '../../../src/prompts/adapt.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { PROVIDERS } from '../../../src/providers/registry.ts';
import { findEligible, requireEligible } from '../../../src/routing/eligible.ts';
import { testDeployment, testRoute, taskTarget } from '../deployment.ts';
import { valueAt } from '../json-leaves.ts';
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

/** Models of each vendor that differ in what they take, Vertex AI's among them. */
export const LOSS_MODELS: readonly (readonly [kind: string, model: string])[] = [
  ['openai', 'gpt-4o'],
  ['anthropic', 'claude-opus-4-8'],
  ['google', 'gemini-2.5-flash'],
  ['deepseek', 'deepseek-chat'],
  ['openai', 'gpt-5'],
  ['anthropic', 'claude-haiku-4-5'],
  ['google', 'gemini-3-pro'],
  ['deepseek', 'deepseek-reasoner'],
  ['openai', 'gpt-4o'],
  ['anthropic', 'claude-opus-5-5'],
  ['vertex', 'gemini-2.5-pro'],
  ['deepseek', 'deepseek-chat'],
  ['openai', 'o3'],
  ['anthropic', 'claude-3-5-haiku'],
  ['google', 'gemini-2.0-flash'],
  ['google', 'gemini-3-flash'],
];

/** What became of one request at one model. */
export type LossOutcome =
  | { readonly outcome: 'sent'; readonly passage: Passage; readonly losses: readonly string[] }
  | {
      readonly outcome: 'refused';
      readonly param: string | null;
      readonly message: string;
      readonly problems: readonly string[];
    };

/** What was lost, or how the refusal fails to say what is wrong; empty when nothing is. */
export function lossesOfOutcome(result: LossOutcome): readonly string[] {
  return result.outcome === 'sent' ? result.losses : result.problems;
}

/** The request as the gateway reads it. @throws GatewayError as the dialect does */
export function decodeLossBody(text: string, dialect: LossDialect): ChatRequest {
  return dialect.decode({ body: Buffer.from(text), headers: new Map(), pathParameter: 'any', explain: false });
}

/** What a vendor is sent of a request, in its own text. */
interface SentRequest {
  readonly request: ChatRequest;
  readonly deployment: Deployment;
  readonly text: string;
  readonly adjustments: readonly Adjustment[];
}

/** Decodes, plans, adapts and encodes the request as the pipeline does. @throws GatewayError as they do */
export function sendLossBody(text: string, dialect: LossDialect, kind: string, model: string): SentRequest {
  const provider = PROVIDERS.get(kind) as Provider;
  const deployment = testDeployment(provider, model);
  const route = testRoute([deployment]);
  const request = decodeLossBody(text, dialect);
  requireEligible(findEligible(request, taskTarget(route, [deployment])));
  const adapted = adapt(request, deployment, route, null);
  const encoded = provider.encode(adapted, deployment);
  const adjustments = [...adapted.adjustments, ...encoded.adjustments];
  return { request, deployment, text: encoded.body.toString('utf8'), adjustments };
}

/** Sends the request as the pipeline does, and looks for what was lost on the way. */
export function runLossCase(body: JsonObject, dialect: LossDialect, kind: string, model: string): LossOutcome {
  try {
    const { request, deployment, text, adjustments } = sendLossBody(JSON.stringify(body), dialect, kind, model);
    const { capabilities } = deployment;
    const passage: Passage = {
      body,
      request,
      sent: new SentBody(JSON.parse(text) as JsonObject),
      adjustments,
      vendor: (kind === 'vertex' ? 'google' : kind) as MatrixVendor,
      capabilities,
      isSameProtocol: capabilities.protocol === request.dialect,
    };
    return { outcome: 'sent', passage, losses: lossesOf(passage, dialect.rules) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { param, message, status } = error;
    const isNamed = status === 400 && param !== null && isIn(body, param);
    const problems = isNamed ? [] : [`refused with ${status}, naming ${param}: ${message}`];
    return { outcome: 'refused', param, message, problems };
  }
}

/** Whether the path is in the request, or is missing from something that is. */
function isIn(body: JsonObject, path: string): boolean {
  const holder = path.replace(/(\.?[^.[\]]+|\[\d+\])$/, '');
  return valueAt(body, path) !== undefined || holder === '' || valueAt(body, holder) !== undefined;
}
