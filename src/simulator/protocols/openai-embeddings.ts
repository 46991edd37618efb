import { encodeVector } from '../../core/float-vector.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { EMBEDDING_MODEL, type EmbeddingQuestion, inputTokens } from '../embedding.ts';
import { type EmbeddingProtocol, RequestRefused } from './protocol.ts';
import { integerBetween, namesOf, unknownName } from './read.ts';

const KNOWN = namesOf('model input dimensions encoding_format user');
const MOST_INPUTS = 2_048;
const MOST_INPUT_TOKENS = 8_192;
const LARGE_DIMENSIONS = 3_072;
const SMALL_DIMENSIONS = 1_536;

/** OpenAI's embeddings. */
export const openAiEmbeddings: EmbeddingProtocol = {
  locate: (method, url) =>
    method === 'POST' && url.pathname === '/v1/embeddings' ? { modelId: null, stream: false, framing: 'sse' } : null,
  read,
  body: (vectors, { model, promptTokens, question }) =>
    JSON.stringify({
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: question.format === 'base64' ? encodeVector(vector) : vector,
      })),
      model,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    }),
};

function read(body: JsonObject, modelId: string): EmbeddingQuestion {
  const unknown = unknownName(body, KNOWN);
  if (unknown !== null) throw new RequestRefused(400, `Unrecognized request argument supplied: ${unknown}`, unknown);
  if (!EMBEDDING_MODEL.test(modelId)) {
    throw new RequestRefused(403, 'You are not allowed to generate embeddings from this model');
  }
  const format = body['encoding_format'] ?? 'float';
  if (format !== 'float' && format !== 'base64') {
    throw new RequestRefused(
      400,
      `Invalid value for 'encoding_format': must be 'float' or 'base64'.`,
      'encoding_format',
    );
  }
  const longest = modelId.includes('large') ? LARGE_DIMENSIONS : SMALL_DIMENSIONS;
  const asked = integerBetween(body, 'dimensions', 1, longest);
  if (asked !== null && !modelId.startsWith('text-embedding-3')) {
    throw new RequestRefused(400, 'This model does not support specifying dimensions.', 'dimensions');
  }
  return { inputs: readInputs(body['input']), dimensions: asked ?? longest, format };
}

function readInputs(value: JsonValue | undefined): EmbeddingQuestion['inputs'] {
  const list = Array.isArray(value) && typeof value[0] !== 'number' ? (value as readonly JsonValue[]) : [value];
  const inputs = list.filter(isInput);
  if (inputs.length !== list.length || list.length === 0 || list.length > MOST_INPUTS) {
    throw new RequestRefused(400, "'$.input' is invalid. Please check the API reference.", 'input');
  }
  const tooLong = inputs.map(inputTokens).find((tokens) => tokens > MOST_INPUT_TOKENS);
  if (tooLong !== undefined) {
    const message = `This model's maximum context length is ${MOST_INPUT_TOKENS} tokens, however you requested ${tooLong} tokens. Please reduce your prompt.`;
    throw new RequestRefused(400, message, null, null);
  }
  return inputs;
}

function isInput(value: JsonValue | undefined): value is string | readonly number[] {
  if (typeof value === 'string') return value !== '';
  return Array.isArray(value) && value.length > 0 && (value as readonly JsonValue[]).every(Number.isInteger);
}
