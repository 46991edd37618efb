import { UNNAMED_FORMAT, type ResponseFormat } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  optionalBoolean,
  optionalObject,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';
import { fromOpenApiSchema } from './openapi-schema.ts';

/** Parameters under their names in the core, and where the client put each. */
export interface FoundParameters {
  readonly values: Record<string, JsonValue>;
  readonly paths: Record<string, string>;
}

interface Parameter {
  readonly name: string;
  readonly read: (value: JsonValue, path: string) => JsonValue;
}

/** The vendor's limits (API reference and types of its SDK, November 2026); tokens are bounded only against nonsense. */
const MAX_TOKENS = 10_000_000;
const MAX_STOP_SEQUENCES = 5;
/** So many sequences other vendors take too. */
const COMMON_STOP_SEQUENCES = 4;
const INT32 = 2 ** 31;

const number =
  (min: number, max: number, integer = false): Parameter['read'] =>
  (value, path) =>
    requireNumber(value, path, { min, max, integer });

/** The single values of `generationConfig`, by the vendor's names. */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  temperature: { name: 'temperature', read: number(0, 2) },
  topP: { name: 'top_p', read: number(0, 1) },
  topK: { name: 'top_k', read: number(1, 1_000_000, true) },
  candidateCount: { name: 'n', read: number(1, 8, true) },
  maxOutputTokens: { name: 'max_completion_tokens', read: number(1, MAX_TOKENS, true) },
  presencePenalty: { name: 'presence_penalty', read: number(-2, 2) },
  frequencyPenalty: { name: 'frequency_penalty', read: number(-2, 2) },
  seed: { name: 'seed', read: number(-INT32, INT32 - 1, true) },
  responseLogprobs: { name: 'logprobs', read: (value, path) => optionalBoolean(value, path) },
  logprobs: { name: 'top_logprobs', read: number(0, 20, true) },
  stopSequences: { name: 'stop', read: readStop },
  responseModalities: { name: 'modalities', read: readModalities },
};

const THINKING: Readonly<Record<string, Parameter>> = {
  includeThoughts: { name: 'include_thoughts', read: (value, path) => optionalBoolean(value, path) },
  // 0: none, -1: as many as the model likes.
  thinkingBudget: { name: 'reasoning_budget', read: number(-1, MAX_TOKENS, true) },
  thinkingLevel: { name: 'reasoning_effort', read: readLevel },
};

const CONFIG = knownMembers(
  `${Object.keys(PARAMETERS).join(' ')} responseMimeType responseSchema responseJsonSchema thinkingConfig`,
  'speechConfig mediaResolution audioTimestamp routingConfig modelSelectionConfig imageConfig responseFormat ' +
    'audioTranscriptionConfig enableEnhancedCivicAnswers enableAffectiveDialog translationConfig continuationToken',
);
const THINKING_NAMES = knownMembers(Object.keys(THINKING).join(' '));

/** Decodes `generationConfig` into `parameters`, and gives the format it asks for. @throws GatewayError */
export function decodeGenerationConfig(
  value: JsonValue | undefined,
  path: string,
  parameters: FoundParameters,
  found: UnplacedFields,
): ResponseFormat | null {
  const config = optionalObject(value, path);
  if (config === null) return null;
  const fields = new Fields(config, path, CONFIG, found);
  readParameters(fields, PARAMETERS, parameters);
  const stop = parameters.values['stop'];
  if (Array.isArray(stop) && stop.length > COMMON_STOP_SEQUENCES) found.protocol.push(fields.path('stopSequences'));
  const at = fields.path('thinkingConfig');
  const thinking = optionalObject(fields.value('thinkingConfig'), at);
  if (thinking !== null) readParameters(new Fields(thinking, at, THINKING_NAMES, found), THINKING, parameters);
  return decodeFormat(fields, parameters, found);
}

function readParameters(
  fields: Fields,
  table: Readonly<Record<string, Parameter>>,
  { values, paths }: FoundParameters,
): void {
  for (const [field, { name, read }] of Object.entries(table)) {
    const value = fields.value(field);
    if (value === undefined) continue;
    const path = fields.path(field);
    const decoded = read(value, path);
    // An empty list asks for nothing.
    if (Array.isArray(decoded) && decoded.length === 0) continue;
    values[name] = decoded;
    paths[name] = path;
  }
}

function readStop(value: JsonValue, path: string): JsonValue {
  const list = requireArray(value, path);
  if (list.length > MAX_STOP_SEQUENCES) {
    throw new GatewayError('param_out_of_range', `\`${path}\` takes at most ${MAX_STOP_SEQUENCES} sequences`, {
      param: path,
    });
  }
  return list.map((entry, index) => {
    const at = `${path}[${index}]`;
    const sequence = requireString(entry, at);
    if (sequence !== '') return sequence;
    throw new GatewayError('param_out_of_range', `\`${at}\` is empty`, { param: at });
  });
}

function readModalities(value: JsonValue, path: string): JsonValue {
  return requireArray(value, path).map((entry, index) =>
    requireWord(entry, `${path}[${index}]`, [
      'TEXT',
      'IMAGE',
      'AUDIO',
      'VIDEO',
      'Text',
      'Image',
      'Audio',
    ]).toLowerCase(),
  );
}

function readLevel(value: JsonValue, path: string): JsonValue {
  return requireWord(value, path, [
    'MINIMAL',
    'LOW',
    'MEDIUM',
    'HIGH',
    'minimal',
    'low',
    'medium',
    'high',
  ]).toLowerCase();
}

/** A format is named by its type, its schema stands beside it, and without the type there is none. */
function decodeFormat(fields: Fields, { paths }: FoundParameters, found: UnplacedFields): ResponseFormat | null {
  const type = fields.value('responseMimeType');
  const path = fields.path('responseMimeType');
  const names = ['responseJsonSchema', 'responseSchema'].filter((name) => fields.value(name) !== undefined);
  const [name, other] = names;
  if (other !== undefined) {
    const param = fields.path(other);
    throw new GatewayError('invalid_request', `send \`${fields.path(name ?? '')}\` or \`${param}\`, not both`, {
      param,
    });
  }
  const mediaType = type === undefined ? 'text/plain' : requireString(type, path);
  if (mediaType !== 'application/json') {
    if (mediaType !== 'text/plain') found.protocol.push(path);
    else if (name !== undefined) {
      const param = fields.path(name);
      throw new GatewayError('invalid_request', `a schema needs \`${path}\`: application/json`, { param });
    }
    // Beside another type the schema lists its words: both are the vendor's own.
    if (mediaType !== 'text/plain' && name !== undefined) found.protocol.push(fields.path(name));
    return null;
  }
  paths['response_format'] = path;
  if (name === undefined) return { type: 'json_object' };
  paths['response_format.json_schema.schema'] = fields.path(name);
  const schema: JsonObject = requireObject(fields.value(name), fields.path(name));
  return {
    type: 'json_schema',
    name: UNNAMED_FORMAT,
    description: null,
    schema: name === 'responseSchema' ? fromOpenApiSchema(schema) : schema,
    strict: null,
  };
}
