import type { ChatRequest, DialectId } from '../core/chat.ts';
import type { ArrivedRequest } from '../core/client-dialect.ts';
import { stringMember, type JsonObject } from '../core/json.ts';
import { decodeMessagesRequest } from '../dialects/anthropic-messages/decode.ts';
import { decodeGenerateRequest } from '../dialects/gemini-generate/decode.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { decodeEmbeddingsRequest } from '../dialects/openai-embeddings/decode.ts';
import { decodeResponsesRequest } from '../dialects/openai-responses/decode.ts';

type Decode = (arrived: ArrivedRequest, record: JsonObject) => ChatRequest;

const DECODERS: Readonly<Record<DialectId, Decode>> = {
  'openai-chat': ({ body, headers, explain }) => decodeChatRequest(body, headers, { explain }),
  'openai-responses': decodeResponsesRequest,
  'openai-embeddings': decodeEmbeddingsRequest,
  'anthropic-messages': decodeMessagesRequest,
  // What the path said is in the record: whom it asked, and whether for a stream.
  'gemini-generate': (arrived, record) => decodeGenerateRequest(arrived, { stream: record['stream'] === true }),
};

/** Reads a recorded request once more, in the dialect it came in. @throws GatewayError as when it came */
export function decodeRecorded(record: JsonObject, body: Buffer, headers: ReadonlyMap<string, string>): ChatRequest {
  const dialect = stringMember(record, 'dialect') ?? '';
  const decode = Object.hasOwn(DECODERS, dialect) ? DECODERS[dialect as DialectId] : DECODERS['openai-chat'];
  return decode({ body, headers, pathParameter: stringMember(record, 'asked') ?? '', explain: true }, record);
}
