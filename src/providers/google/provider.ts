import type { Provider } from '../provider.ts';
import { googleCapabilities } from './capabilities.ts';
import { decodeResponse } from './decode.ts';
import { googleEmbeddingCapabilities } from './embedding-capabilities.ts';
import { decodeEmbeddings, encodeEmbeddings } from './embeddings.ts';
import { encodeRequest } from './encode.ts';
import { decodeFailure } from './failures.ts';
import { resumeRequest } from './resume.ts';
import { GeminiStreamDecoder } from './stream.ts';

/** Google, Gemini generateContent. */
export const google: Provider = {
  kind: 'google',
  protocol: 'gemini-generate',
  defaultUrl: 'https://generativelanguage.googleapis.com/v1beta',
  capabilities: (modelId) => googleEmbeddingCapabilities(modelId) ?? googleCapabilities(modelId),
  // By header, never as `?key=`: URLs end up in logs.
  credentialHeader: (credential) => ['x-goog-api-key', credential.reveal()],
  encode: (adapted, deployment) => {
    const { embedding } = adapted.request;
    return embedding === null ? encodeRequest(adapted, deployment) : encodeEmbeddings(adapted, deployment, embedding);
  },
  decode: (body, expected) => (expected.embeddings ? decodeEmbeddings(body) : decodeResponse(body, expected)),
  streamDecoder: (expected) => new GeminiStreamDecoder(expected),
  resume: resumeRequest,
  decodeFailure,
  requestIdHeader: 'x-request-id',
};
