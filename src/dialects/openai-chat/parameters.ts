import type { ResponseFormat, Tool, ToolChoice } from '../../core/chat.ts';
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
} from './checks.ts';

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
  functions: (value, path) => requireArray(value, path),
  function_call: (value) => value,
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

const KNOWN_TOOL = new Set(['type', 'function']);
const KNOWN_FUNCTION = new Set(['name', 'description', 'parameters', 'strict']);
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Decodes `tools`. @throws GatewayError */
export function decodeTools(value: JsonValue | undefined, unknownFields: string[]): readonly Tool[] {
  if (value === undefined || value === null) return [];
  const names = new Set<string>();
  return requireArray(value, 'tools').map((entry, index) => {
    const path = `tools[${index}]`;
    const tool = requireObject(entry, path);
    if (tool['type'] === 'custom') {
      throw new GatewayError('unsupported_parameter', 'custom tools are not built yet: use a function tool', {
        param: `${path}.type`,
      });
    }
    requireWord(tool['type'], `${path}.type`, ['function']);
    noteUnknown(tool, KNOWN_TOOL, path, unknownFields);
    const declared = requireObject(tool['function'], `${path}.function`);
    noteUnknown(declared, KNOWN_FUNCTION, `${path}.function`, unknownFields);
    const name = requireString(declared['name'], `${path}.function.name`);
    if (!TOOL_NAME.test(name) || names.has(name)) {
      throw new GatewayError(
        'param_out_of_range',
        `\`${path}.function.name\` must be 1 to 64 letters, digits, dashes or underscores, and used once`,
        { param: `${path}.function.name` },
      );
    }
    names.add(name);
    return {
      name,
      description: optionalString(declared['description'], `${path}.function.description`),
      parameters: optionalObject(declared['parameters'], `${path}.function.parameters`),
      strict: optionalBoolean(declared['strict'], `${path}.function.strict`),
    };
  });
}

/** Decodes `tool_choice`. @throws GatewayError */
export function decodeToolChoice(
  value: JsonValue | undefined,
  tools: readonly Tool[],
  unknownFields: string[],
): ToolChoice | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') {
    const mode = requireWord(value, 'tool_choice', ['auto', 'none', 'required']) as 'auto' | 'none' | 'required';
    if (mode === 'required' && tools.length === 0) {
      throw new GatewayError('invalid_request', '`tool_choice` is `required`, but there are no tools', {
        param: 'tool_choice',
      });
    }
    return { mode };
  }
  const choice = requireObject(value, 'tool_choice');
  noteUnknown(choice, new Set([...KNOWN_TOOL, 'allowed_tools']), 'tool_choice', unknownFields);
  if (choice['type'] === 'allowed_tools') return decodeAllowedTools(choice, tools, unknownFields);
  if (choice['type'] !== 'function') {
    throw new GatewayError('unsupported_parameter', '`tool_choice` takes auto, none, required or one function', {
      param: 'tool_choice.type',
    });
  }
  const named = requireObject(choice['function'], 'tool_choice.function');
  noteUnknown(named, new Set(['name']), 'tool_choice.function', unknownFields);
  const name = requireString(named['name'], 'tool_choice.function.name');
  if (!tools.some((tool) => tool.name === name)) {
    throw new GatewayError('invalid_request', `\`tool_choice\` names \`${name}\`, which is not among the tools`, {
      param: 'tool_choice.function.name',
    });
  }
  return { mode: 'named', name };
}

function decodeAllowedTools(choice: JsonObject, tools: readonly Tool[], unknownFields: string[]): ToolChoice {
  const path = 'tool_choice.allowed_tools';
  const allowed = requireObject(choice['allowed_tools'], path);
  noteUnknown(allowed, new Set(['mode', 'tools']), path, unknownFields);
  const names = requireArray(allowed['tools'], `${path}.tools`).map((entry, index) => {
    const at = `${path}.tools[${index}]`;
    const tool = requireObject(entry, at);
    requireWord(tool['type'], `${at}.type`, ['function']);
    noteUnknown(tool, KNOWN_TOOL, at, unknownFields);
    const named = requireObject(tool['function'], `${at}.function`);
    noteUnknown(named, new Set(['name']), `${at}.function`, unknownFields);
    const name = requireString(named['name'], `${at}.function.name`);
    if (tools.some((offered) => offered.name === name)) return name;
    throw new GatewayError('invalid_request', `\`tool_choice\` names \`${name}\`, which is not among the tools`, {
      param: `${at}.function.name`,
    });
  });
  if (names.length === 0) {
    throw new GatewayError('invalid_request', '`tool_choice` allows no tool at all: say `none`', {
      param: `${path}.tools`,
    });
  }
  const required = requireWord(allowed['mode'], `${path}.mode`, ['auto', 'required']) === 'required';
  return { mode: 'allowed', names, required };
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
