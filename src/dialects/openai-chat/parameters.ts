import type { ResponseFormat } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  noteUnknown,
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';

type Check = (value: JsonValue, path: string) => JsonValue;

const number =
  (min: number, max: number, integer = false): Check =>
  (value, path) =>
    requireNumber(value, path, { min, max, integer });
const boolean: Check = (value, path) => optionalBoolean(value, path);
const text: Check = (value, path) => requireString(value, path);
const object: Check = (value, path) => requireObject(value, path);
const words =
  (...allowed: readonly string[]): Check =>
  (value, path) =>
    requireWord(value, path, allowed);

/** OpenAI's limits (API reference, November 2026); the number of tokens is bounded only against nonsense. */
const MAX_TOKENS = 10_000_000;

/** The single-value parameters of the protocol, each with its check. */
const CHECKS: Readonly<Record<string, Check>> = {
  temperature: number(0, 2),
  top_p: number(0, 1),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  seed: number(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
  n: number(1, 128, true),
  max_tokens: number(1, MAX_TOKENS, true),
  max_completion_tokens: number(1, MAX_TOKENS, true),
  top_logprobs: number(0, 20, true),
  logprobs: boolean,
  store: boolean,
  parallel_tool_calls: boolean,
  stop: checkStop,
  logit_bias: object,
  prediction: object,
  metadata: checkMetadata,
  user: text,
  safety_identifier: text,
  prompt_cache_key: text,
  prompt_cache_options: object,
  prompt_cache_retention: text,
  service_tier: text,
  reasoning_effort: words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
  verbosity: words('low', 'medium', 'high'),
  modalities: (value, path) => requireArray(value, path),
  audio: object,
  moderation: object,
  web_search_options: object,
};

/** Whether the protocol has a single-value parameter of this name. */
export function isParameter(name: string): boolean {
  return Object.hasOwn(CHECKS, name);
}

/** Checks one parameter. `null` asks for nothing and gives `undefined`. @throws GatewayError */
export function decodeParameter(name: string, value: JsonValue): JsonValue | undefined {
  if (value === null) return undefined;
  return CHECKS[name]?.(value, name);
}

function checkStop(value: JsonValue): JsonValue {
  const list = typeof value === 'string' ? [value] : requireArray(value, 'stop');
  if (list.length > 4) {
    throw new GatewayError('param_out_of_range', '`stop` takes at most four sequences', { param: 'stop' });
  }
  return list.map((entry, index) => {
    const sequence = requireString(entry, `stop[${index}]`);
    if (sequence === '') {
      throw new GatewayError('param_out_of_range', `\`stop[${index}]\` is empty`, { param: `stop[${index}]` });
    }
    return sequence;
  });
}

function checkMetadata(value: JsonValue): JsonValue {
  const metadata = requireObject(value, 'metadata');
  const keys = Object.keys(metadata);
  if (keys.length > 16) {
    throw new GatewayError('param_out_of_range', '`metadata` takes at most 16 members', { param: 'metadata' });
  }
  for (const key of keys) requireString(metadata[key], `metadata.${key}`);
  return metadata;
}

const KNOWN_FORMAT = new Set(['type', 'json_schema']);
const KNOWN_JSON_SCHEMA = new Set(['name', 'description', 'schema', 'strict']);

/** Decodes `response_format`. @throws GatewayError */
export function decodeResponseFormat(value: JsonValue | undefined, unknownFields: string[]): ResponseFormat | null {
  const format = optionalObject(value, 'response_format');
  if (format === null) return null;
  const type = requireWord(format['type'], 'response_format.type', ['text', 'json_object', 'json_schema']);
  noteUnknown(format, type === 'json_schema' ? KNOWN_FORMAT : new Set(['type']), 'response_format', unknownFields);
  if (type === 'text' || type === 'json_object') return { type };
  const path = 'response_format.json_schema';
  const described: JsonObject = requireObject(format['json_schema'], path);
  noteUnknown(described, KNOWN_JSON_SCHEMA, path, unknownFields);
  return {
    type: 'json_schema',
    name: requireString(described['name'], `${path}.name`),
    description: optionalString(described['description'], `${path}.description`),
    schema: optionalObject(described['schema'], `${path}.schema`),
    strict: optionalBoolean(described['strict'], `${path}.strict`),
  };
}
