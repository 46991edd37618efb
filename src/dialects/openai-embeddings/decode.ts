import type { ChatRequest, EmbeddingInput, Parameters } from '../../core/chat.ts';
import type { ArrivedRequest } from '../../core/client-dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { decodeAskedModel } from '../asked-model.ts';
import { decodeDirectives } from '../directives.ts';
import { refuseForbiddenMember } from '../forbidden-member.ts';
import { parseJsonBody } from '../json-body.ts';
import { noteUnknown, optionalString, requireNumber, requireWord } from '../member-checks.ts';

const KNOWN = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user', 'candor']);
/** OpenAI's own bounds (API reference, 2026-11). */
const MAX_INPUTS = 2048;
const MAX_DIMENSIONS = 1_000_000;

/**
 * Decodes a request for embeddings. Every member of the body ends up in the result: as a field, as a
 * parameter, or as a path in `unknownFields`.
 * @throws GatewayError for anything that cannot be meant
 */
export function decodeEmbeddingsRequest({ body, headers, explain }: ArrivedRequest): ChatRequest {
  const original = parseJsonBody(body);
  const { json } = original;
  for (const name of Object.keys(json)) refuseForbiddenMember(name);
  const unknownFields: string[] = [];
  noteUnknown(json, KNOWN, '', unknownFields);
  return {
    dialect: 'openai-embeddings',
    asked: decodeAskedModel(json['model']),
    messages: [],
    tools: [],
    toolChoice: null,
    responseFormat: null,
    parameters: decodeParameters(json),
    parameterPaths: {},
    unknownFields,
    protocolFields: [],
    embedding: decodeEmbedding(json),
    stream: false,
    includeUsage: false,
    directives: decodeDirectives(headers, json['candor'], explain),
    original,
  };
}

function decodeParameters(json: JsonObject): Parameters {
  const user = optionalString(json['user'], 'user');
  return user === null ? {} : { user };
}

function decodeEmbedding(json: JsonObject): EmbeddingInput {
  const dimensions = json['dimensions'] ?? null;
  const format = requireWord(json['encoding_format'] ?? 'float', 'encoding_format', ['float', 'base64']);
  return {
    inputs: decodeInputs(json['input']),
    dimensions:
      dimensions === null
        ? null
        : requireNumber(dimensions, 'dimensions', { min: 1, max: MAX_DIMENSIONS, integer: true }),
    encodingFormat: format === 'base64' ? 'base64' : 'float',
  };
}

/** One text, the tokens of one, or a list of either. */
function decodeInputs(input: JsonValue | undefined): EmbeddingInput['inputs'] {
  if (!Array.isArray(input)) return [decodeInput(input, 'input')];
  const items = input as readonly JsonValue[];
  if (typeof items[0] === 'number') return [decodeInput(items, 'input')];
  if (items.length > 0 && items.length <= MAX_INPUTS) {
    return items.map((item, index) => decodeInput(item, `input[${index}]`));
  }
  throw new GatewayError('param_out_of_range', `\`input\` must hold 1 to ${MAX_INPUTS} inputs`, { param: 'input' });
}

function decodeInput(input: JsonValue | undefined, path: string): string | readonly number[] {
  const isTokens = Array.isArray(input) && (input as readonly JsonValue[]).every(isToken);
  if (typeof input !== 'string' && !isTokens) {
    throw new GatewayError('invalid_type', `\`${path}\` must be a text or a list of tokens, which are whole numbers`, {
      param: path,
    });
  }
  const text = input as string | readonly number[];
  if (text.length > 0) return text;
  throw new GatewayError('param_out_of_range', `\`${path}\` is empty: there is nothing to embed`, { param: path });
}

function isToken(value: JsonValue): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
