import { GatewayError } from '../core/errors.ts';
import { decodeGenerateRequest } from '../dialects/gemini-generate/decode.ts';
import { geminiArrayDialect, geminiDialect } from '../dialects/gemini-generate/encode.ts';
import { serveChat, type ServedDialect } from './chat-endpoint.ts';
import { countGeminiTokens } from './count-gemini-tokens.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';

const GENERATE: ServedDialect = {
  dialect: geminiDialect,
  decode: (arrived) => decodeGenerateRequest(arrived, { stream: false }),
};
/** How a stream is written stands in the query: as events, or as the vendor does it otherwise. */
const EVENT_STREAM = 'alt=sse';
const STREAM_ARRAY: ServedDialect = {
  dialect: geminiArrayDialect,
  decode: (arrived) => decodeGenerateRequest(arrived, { stream: true }),
};
const STREAM: ServedDialect = { ...STREAM_ARRAY, dialect: geminiDialect, queries: new Set([EVENT_STREAM]) };

/** The vendor's versions of the protocol; its SDK asks for `v1` from 3.0 on. */
const PREFIXES = ['/v1beta', '/v1', '/gemini/v1beta', '/gemini/v1'];

/** Google's generateContent: the model and what is done with it stand in the path. */
export const GEMINI_ENDPOINTS: readonly Endpoint[] = PREFIXES.map((prefix) => ({
  method: 'POST',
  path: `${prefix}/models/{id...}`,
  handle: serve,
}));

function serve(call: EndpointCall): Promise<void> {
  const colon = call.parameter.lastIndexOf(':');
  if (colon < 0) {
    throw new GatewayError('method_not_allowed', `${call.target.path} takes GET`, { headers: { allow: 'GET' } });
  }
  const method = call.parameter.slice(colon + 1);
  const named = { ...call, parameter: call.parameter.slice(0, colon) };
  switch (method) {
    case 'generateContent':
      return serveChat(named, GENERATE);
    case 'streamGenerateContent':
      return serveChat(named, call.target.query === EVENT_STREAM ? STREAM : STREAM_ARRAY);
    case 'countTokens':
      return countGeminiTokens(named);
    default:
      throw new GatewayError(
        'not_supported',
        'of the methods of a model there are generateContent, streamGenerateContent and countTokens',
      );
  }
}
