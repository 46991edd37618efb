import type { ChatRequest } from '../core/chat.ts';
import type { ArrivedRequest, ClientDialect } from '../core/client-dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { decodeMessagesRequest } from '../dialects/anthropic-messages/decode.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/encode.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import { decodeEmbeddingsRequest } from '../dialects/openai-embeddings/decode.ts';
import { openAiEmbeddingsDialect } from '../dialects/openai-embeddings/encode.ts';
import { decodeResponsesRequest } from '../dialects/openai-responses/decode.ts';
import { openAiResponsesDialect } from '../dialects/openai-responses/encode.ts';
import { explain } from '../pipeline/explain/explain.ts';
import { handleChat } from '../pipeline/handle-chat.ts';
import { recordRejection, type Rejection } from '../pipeline/rejection.ts';
import { gatewayErrorOf } from '../pipeline/failure-error.ts';
import { HttpClientConnection } from './client-connection.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** How one dialect is served: what decodes its requests, and what writes its answers. */
export interface ServedDialect {
  readonly dialect: ClientDialect;
  /** @throws GatewayError for anything that cannot be meant */
  readonly decode: (arrived: ArrivedRequest) => ChatRequest;
  /** Queries its SDKs send, that say nothing but what is known without them. */
  readonly queries?: ReadonlySet<string>;
}

/** Chat Completions, decoded and encoded. */
export const OPENAI_CHAT: ServedDialect = {
  dialect: openAiChatDialect,
  decode: ({ body, headers, explain }) => decodeChatRequest(body, headers, { explain }),
};

/** Embeddings as OpenAI has them. */
const OPENAI_EMBEDDINGS: ServedDialect = { dialect: openAiEmbeddingsDialect, decode: decodeEmbeddingsRequest };

/** OpenAI's Responses, without a store. */
const OPENAI_RESPONSES: ServedDialect = { dialect: openAiResponsesDialect, decode: decodeResponsesRequest };

/** Anthropic's Messages. The betas that its beta client asks for stand in a header. */
const ANTHROPIC_MESSAGES: ServedDialect = {
  dialect: anthropicMessagesDialect,
  decode: decodeMessagesRequest,
  queries: new Set(['beta=true']),
};

/** An endpoint that answers questions asked in one dialect. */
export function chatEndpoint(path: string, served: ServedDialect): Endpoint {
  return { method: 'POST', path, handle: (call) => serveChat(call, served) };
}

/** Every path at which a model can be asked. */
export const CHAT_ENDPOINTS: readonly Endpoint[] = [
  chatEndpoint('/v1/chat/completions', OPENAI_CHAT),
  chatEndpoint('/v1/responses', OPENAI_RESPONSES),
  chatEndpoint('/v1/embeddings', OPENAI_EMBEDDINGS),
  chatEndpoint('/v1/messages', ANTHROPIC_MESSAGES),
  chatEndpoint('/anthropic/v1/messages', ANTHROPIC_MESSAGES),
];

/** Answers one question asked in a dialect, or explains how it would be answered. */
export async function serveChat(call: EndpointCall, { dialect, decode, queries }: ServedDialect): Promise<void> {
  const { steps, configuration } = call.context;
  const snapshot = configuration();
  let body: Buffer = Buffer.alloc(0);
  try {
    if (!queries?.has(call.target.query)) refuseQuery(call.target.query);
    body = await readJsonBytes(call.request, call.held);
    const headers = directiveHeaders(call);
    const request = decode({ body, headers, pathParameter: call.parameter, explain: false });
    if (request.directives.dryRun !== null) {
      sendJson(call, 200, await explain(request, snapshot, steps));
      return;
    }
    const exchange = {
      id: call.id,
      request,
      dialect,
      client: new HttpClientConnection(call.response),
      held: call.held,
      configuration: snapshot,
      arrivedAt: call.arrivedAt,
    };
    call.context.shadows.consider(await handleChat(exchange, steps), steps);
  } catch (error) {
    // Only reading and decoding throw: what comes after it is answered and recorded by the pipeline itself.
    if (!(error instanceof GatewayError)) throw error;
    throw await recorded(error, call, { body, configuration: snapshot, dialect: dialect.id });
  }
}

/** Nothing is read from the query, so nothing may be hoped of it; least of all a key, which would end in logs. */
export function refuseQuery(query: string): void {
  if (query === '') return;
  const name = /^([a-z_-]{1,24})(?:=|$)/.exec(query)?.[1] ?? null;
  const what = name === null ? 'what stands in it' : `\`${name}\``;
  throw new GatewayError('unsupported_parameter', `this endpoint takes no query: ${what} is not read`, { param: name });
}

/** The error to tell the client, once the request that could not be read is on record. */
async function recorded(
  error: GatewayError,
  call: EndpointCall,
  rejected: Pick<Rejection, 'body' | 'configuration' | 'dialect'>,
): Promise<GatewayError> {
  try {
    await recordRejection({ ...rejected, id: call.id, error }, call.context.steps);
    return error;
  } catch (cause) {
    return gatewayErrorOf(cause);
  }
}
