import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Answer } from '../../core/answer.ts';
import { vectorsAnswer } from '../../core/vectors-answer.ts';
import { applyHints } from '../../core/capabilities.ts';
import type { Deployment } from '../../core/deployment.ts';
import { decodeVector } from '../../core/float-vector.ts';
import { failure, type Failure } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonValue,
} from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { TokenCounts } from '../../core/usage.ts';
import type { EncodedRequest } from '../provider.ts';
import { decodeErrorObject } from './failures.ts';

const HEADERS = ['content-type', 'application/json', 'accept', 'application/json'] as const;

/** Encodes a request for `/embeddings` by editing the client's own bytes: but for the model's name they stay as they came. */
export function encodeEmbeddings({ request, parameters }: AdaptedRequest, deployment: Deployment): EncodedRequest {
  const { original } = request;
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind);
  const changes = new Map<string, Buffer | null>([
    ['model', Buffer.from(JSON.stringify(deployment.modelId))],
    ['candor', null],
  ]);
  for (const { param } of hints.adjustments) changes.set(param, null);
  // Not every server writes base64; what it is asked without comes as floats, and the client gets what it reads.
  if (deployment.capabilities.hints['encoding_format'] === undefined) changes.set('encoding_format', null);
  const body = editMembers(original.bytes, original.spans, changes);
  return { path: '/embeddings', headers: HEADERS, body, adjustments: hints.adjustments };
}

/** Decodes a list of embeddings, each at its `index`. */
export function decodeEmbeddings(body: JsonValue): Answer | Failure {
  if (!isJsonObject(body)) return failure('invalid_answer', 'the answer is not a JSON object');
  if (isJsonObject(body['error'])) return decodeErrorObject(body['error'], null);
  const entries = arrayMember(body, 'data');
  const vectors = new Map<number, readonly number[]>();
  for (const entry of entries) {
    const index = isJsonObject(entry) ? numberMember(entry, 'index') : null;
    const vector = isJsonObject(entry) ? decodeVector(entry['embedding']) : null;
    if (index === null || vector === null || vectors.has(index)) {
      return failure('invalid_answer', 'an embedding lacks an index of its own or is no list of numbers');
    }
    vectors.set(index, vector);
  }
  const ordered = entries.map((_, index) => vectors.get(index) ?? null);
  if (ordered.includes(null)) return failure('invalid_answer', 'the embeddings leave out an index');
  const counts = new TokenCounts(objectMember(body, 'usage') ?? {});
  return vectorsAnswer({
    model: stringMember(body, 'model'),
    vectors: ordered.filter((vector) => vector !== null),
    counts,
    promptTokens: counts.read('prompt_tokens'),
    totalTokens: counts.read('total_tokens'),
    native: body,
  });
}
