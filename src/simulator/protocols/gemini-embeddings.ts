import { type JsonObject, numberMember, objectMember } from '../../core/json.ts';
import { EMBEDDING_MODEL, type EmbeddingQuestion } from '../embedding.ts';
import { type EmbeddingProtocol, RequestRefused } from './protocol.ts';
import { integerBetween, namesOf, objectsOf, unknownName } from './read.ts';

const CALL_PATH = /^\/v1beta\/models\/([^/:]+):batchEmbedContents$/;
const KNOWN = namesOf('model content taskType title outputDimensionality');
const MOST_REQUESTS = 100;
const DIMENSIONS = 3_072;

/** Gemini's `batchEmbedContents`. */
export const geminiEmbeddings: EmbeddingProtocol = {
  locate: (method, url) => {
    const match = CALL_PATH.exec(url.pathname);
    if (match === null || method !== 'POST') return null;
    return { modelId: decodeURIComponent(match[1] ?? ''), stream: false, framing: 'sse' };
  },
  read,
  body: (vectors) => JSON.stringify({ embeddings: vectors.map((values) => ({ values })) }, null, 2),
};

function read(body: JsonObject, modelId: string): EmbeddingQuestion {
  if (!EMBEDDING_MODEL.test(modelId)) {
    throw new RequestRefused(404, `models/${modelId} is not supported for batchEmbedContents.`);
  }
  const requests = objectsOf(body['requests']);
  if (requests.length === 0) throw new RequestRefused(400, 'BatchEmbedContentsRequest.requests: is empty', 'requests');
  if (requests.length > MOST_REQUESTS) {
    const message = `BatchEmbedContentsRequest.requests: at most ${MOST_REQUESTS} requests can be in one batch`;
    throw new RequestRefused(400, message, 'requests');
  }
  const inputs = requests.map((request, index) => readText(request, modelId, `requests[${index}]`));
  const first = requests[0] ?? {};
  return { inputs, dimensions: numberMember(first, 'outputDimensionality') ?? DIMENSIONS, format: 'float' };
}

function readText(request: JsonObject, modelId: string, path: string): string {
  const unknown = unknownName(request, KNOWN);
  if (unknown !== null) {
    throw new RequestRefused(400, `Invalid JSON payload received. Unknown name "${unknown}" at '${path}'`, path);
  }
  if (request['model'] !== `models/${modelId}`) {
    throw new RequestRefused(400, `${path}.model: must be the model of the batch`, `${path}.model`);
  }
  integerBetween(request, 'outputDimensionality', 1, DIMENSIONS, `${path}.outputDimensionality`);
  const parts = objectsOf(objectMember(request, 'content')?.['parts']);
  const text = parts.map((part) => part['text']).filter((part) => typeof part === 'string');
  if (text.length > 0) return text.join('');
  throw new RequestRefused(400, `${path}.content.parts: is empty`, `${path}.content`);
}
