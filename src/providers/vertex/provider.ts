import { googleCapabilities } from '../google/capabilities.ts';
import { decodeResponse } from '../google/decode.ts';
import { encodeRequest } from '../google/encode.ts';
import { decodeFailure } from '../google/failures.ts';
import { resumeRequest } from '../google/resume.ts';
import { GeminiStreamDecoder } from '../google/stream.ts';
import type { Provider } from '../provider.ts';

/**
 * Google's Vertex AI: generateContent under an address of the operator's own, which names its region and
 * project, with an access token for a key.
 */
export const vertex: Provider = {
  kind: 'vertex',
  protocol: 'gemini-generate',
  defaultUrl: null,
  capabilities: (modelId) => googleCapabilities(modelId, 'vertex'),
  credentialHeader: (credential) => ['authorization', `Bearer ${credential.reveal()}`],
  encode: encodeRequest,
  decode: decodeResponse,
  streamDecoder: (expected) => new GeminiStreamDecoder(expected),
  resume: resumeRequest,
  decodeFailure,
  requestIdHeader: 'x-request-id',
};
