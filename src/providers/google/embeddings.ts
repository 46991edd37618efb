import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Answer } from '../../core/answer.ts';
import { applyHints } from '../../core/capabilities.ts';
import type { EmbeddingInput } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { decodeVector } from '../../core/float-vector.ts';
import { arrayMember, isJsonObject, objectMember, type JsonValue } from '../../core/json.ts';
import { TokenCounts } from '../../core/usage.ts';
import { vectorsAnswer } from '../../core/vectors-answer.ts';
import type { EncodedRequest } from '../provider.ts';
import { decodeErrorObject } from './failures.ts';
import { bareModelId, modelPath } from './model-path.ts';

const HEADERS = ['content-type', 'application/json'] as const;

/** Encodes a request for `batchEmbedContents`, which takes each input as a request of its own. */
export function encodeEmbeddings(
  { parameters }: AdaptedRequest,
  deployment: Deployment,
  { inputs, dimensions }: EmbeddingInput,
): EncodedRequest {
  const requests = inputs.map((text) => {
    if (typeof text !== 'string') throw new TypeError('tokens cannot be sent to Google');
    const content = { parts: [{ text }] };
    const shortened = dimensions === null ? {} : { outputDimensionality: dimensions };
    return { model: `models/${bareModelId(deployment.modelId)}`, content, ...shortened };
  });
  return {
    path: modelPath(deployment.modelId, 'batchEmbedContents'),
    headers: HEADERS,
    body: Buffer.from(JSON.stringify({ requests })),
    adjustments: applyHints(parameters, deployment.capabilities, deployment.kind).adjustments,
  };
}

/** Decodes the vectors, which come in the order of the requests. The vendor names no model, and mostly counts nothing. */
export function decodeEmbeddings(body: JsonValue): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  if (isJsonObject(body['error'])) return decodeErrorObject(body['error'], null);
  const vectors: (readonly number[])[] = [];
  for (const entry of arrayMember(body, 'embeddings')) {
    const vector = isJsonObject(entry) ? decodeVector(entry['values']) : null;
    if (vector === null) return failure('invalid_answer', 'an embedding is no list of numbers');
    vectors.push(vector);
  }
  const counts = new TokenCounts(objectMember(body, 'usageMetadata') ?? {});
  const promptTokens = counts.read('promptTokenCount');
  const totalTokens = counts.read('totalTokenCount');
  return vectorsAnswer({ model: null, vectors, counts, promptTokens, totalTokens, native: body });
}
