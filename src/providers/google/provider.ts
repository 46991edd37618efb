import type { Provider } from '../provider.ts';
import { googleCapabilities } from './capabilities.ts';
import { decodeFailure, decodeResponse } from './decode.ts';
import { encodeRequest } from './encode.ts';
import { GeminiStreamDecoder } from './stream.ts';

/** Google, Gemini generateContent. */
export const google: Provider = {
  kind: 'google',
  protocol: 'gemini-generate',
  defaultUrl: 'https://generativelanguage.googleapis.com/v1beta',
  capabilities: googleCapabilities,
  // By header, never as `?key=`: URLs end up in logs.
  credentialHeader: (credential) => ['x-goog-api-key', credential.reveal()],
  encode: encodeRequest,
  decode: decodeResponse,
  streamDecoder: () => new GeminiStreamDecoder(),
  decodeFailure,
  requestIdHeader: 'x-request-id',
};
