import type { ChatRequest, Directives, DialectId } from '../core/chat.ts';
import type { ArrivedRequest, ClientDialect } from '../core/client-dialect.ts';
import { isJsonObject, numberMember, objectMember, parseJson, stringMember, type JsonObject } from '../core/json.ts';
import { nanoFromUsd } from '../core/money.ts';
import { decodeMessagesRequest } from '../dialects/anthropic-messages/decode.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/encode.ts';
import { decodeGenerateRequest } from '../dialects/gemini-generate/decode.ts';
import { geminiDialect } from '../dialects/gemini-generate/encode.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import { decodeEmbeddingsRequest } from '../dialects/openai-embeddings/decode.ts';
import { openAiEmbeddingsDialect } from '../dialects/openai-embeddings/encode.ts';
import { decodeResponsesRequest } from '../dialects/openai-responses/decode.ts';
import { openAiResponsesDialect } from '../dialects/openai-responses/encode.ts';
import { wasRuled } from '../pipeline/explain/explain-record.ts';

interface RecordedDialect {
  readonly dialect: ClientDialect;
  readonly decode: (arrived: ArrivedRequest, record: JsonObject) => ChatRequest;
}

const DIALECTS: Readonly<Record<DialectId, RecordedDialect>> = {
  'openai-chat': {
    dialect: openAiChatDialect,
    decode: ({ body, headers, explain }) => decodeChatRequest(body, headers, { explain }),
  },
  'openai-responses': { dialect: openAiResponsesDialect, decode: decodeResponsesRequest },
  'openai-embeddings': { dialect: openAiEmbeddingsDialect, decode: decodeEmbeddingsRequest },
  'anthropic-messages': { dialect: anthropicMessagesDialect, decode: decodeMessagesRequest },
  // What the path said is in the record: whom it asked, and whether for a stream.
  'gemini-generate': {
    dialect: geminiDialect,
    decode: (arrived, record) => decodeGenerateRequest(arrived, { stream: record['stream'] === true }),
  },
};

/** What answers a recorded request in the dialect it came in. */
export function recordedDialect(record: JsonObject): ClientDialect {
  return dialectOf(record).dialect;
}

/** Reads a recorded request once more, in the dialect it came in. @throws GatewayError as when it came */
export function decodeRecorded(record: JsonObject, body: Buffer, headers: ReadonlyMap<string, string>): ChatRequest {
  const pathParameter = stringMember(record, 'asked') ?? '';
  return dialectOf(record).decode({ body, headers, pathParameter, explain: true }, record);
}

/**
 * The recorded request as it came: with its route and tags, its fallback, timeout and cost limit, and the headers of its own
 * protocol. What it asked of the simulator, or of tracing, is left behind. @throws GatewayError as when it came
 */
export function requestAgain(record: JsonObject, body: string): ChatRequest {
  const headers = new Map<string, string>();
  const route = stringMember(record, 'route');
  if (route !== null && route !== stringMember(record, 'asked') && !wasRuled(record))
    headers.set('x-candor-route', route);
  const recorded = objectMember(record, 'request') ?? {};
  const tags = headerTags(recorded, body);
  if (tags !== '') headers.set('x-candor-tags', tags);
  for (const [name, value] of Object.entries(objectMember(recorded, 'headers') ?? {})) {
    if (typeof value === 'string') headers.set(name, value);
  }
  const request = decodeRecorded(record, Buffer.from(body), headers);
  // As they are on record: what Candor asked for another request had less time and money, or another model, than the body says.
  return {
    ...request,
    asked: stringMember(record, 'asked') ?? request.asked,
    directives: { ...request.directives, ...recordedDirectives(objectMember(recorded, 'directives') ?? {}) },
  };
}

function recordedDirectives(directives: JsonObject): Pick<Directives, 'fallback' | 'timeoutMs' | 'maxCostNanoUsd'> {
  return {
    fallback: stringMember(directives, 'fallback') as Directives['fallback'],
    timeoutMs: numberMember(directives, 'timeout_ms'),
    maxCostNanoUsd: nanoFromUsd(numberMember(directives, 'max_cost_usd')),
  };
}

/** The tags that did not come in the body; a trace context is recorded as one. */
function headerTags(recorded: JsonObject, body: string): string {
  const json = parseJson(body);
  const twin = objectMember(isJsonObject(json) ? (objectMember(json, 'candor') ?? {}) : {}, 'tags') ?? {};
  const pairs = Object.entries(objectMember(recorded, 'tags') ?? {}).flatMap(([name, value]) =>
    name === 'traceparent' || Object.hasOwn(twin, name) || typeof value !== 'string' ? [] : [`${name}=${value}`],
  );
  return pairs.join(',');
}

function dialectOf(record: JsonObject): RecordedDialect {
  const dialect = stringMember(record, 'dialect') ?? '';
  return Object.hasOwn(DIALECTS, dialect) ? DIALECTS[dialect as DialectId] : DIALECTS['openai-chat'];
}
