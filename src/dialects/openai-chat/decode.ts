import type { ChatRequest, OriginalRequest } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { decodeAskedModel } from '../asked-model.ts';
import { decodeDirectives } from '../directives.ts';
import { refuseForbiddenMember } from '../forbidden-member.ts';
import { parseJsonBody } from '../json-body.ts';
import { noteUnknown, optionalBoolean, optionalObject } from '../member-checks.ts';
import { decodeMessages } from './messages.ts';
import { decodeParameter, decodeResponseFormat, isParameter } from './parameters.ts';
import { decodeTools } from './tools.ts';

const STRUCTURED = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'response_format',
  'stream',
  'stream_options',
  'candor',
]);

const KNOWN_STREAM_OPTIONS = new Set(['include_usage', 'include_obfuscation']);

/** What is called otherwise where tools are declared as `functions`. */
const LEGACY_PATHS = { tools: 'functions', tool_choice: 'function_call', parallel_tool_calls: 'functions' };

/**
 * Decodes a Chat Completions request. Every member of the body ends up in the result: as a field,
 * as a parameter, or as a path in `unknownFields` or `protocolFields`.
 * @param headers lower-case names
 * @param options `explain`: the request came to be explained
 * @throws GatewayError for anything that cannot be meant
 */
export function decodeChatRequest(
  body: Buffer,
  headers: ReadonlyMap<string, string>,
  options: { readonly explain: boolean } = { explain: false },
): ChatRequest {
  const original = parseJsonBody(body);
  const { json } = original;
  const unknownFields: string[] = [];
  const protocolFields: string[] = [];
  const parameters = decodeParameters(original, unknownFields);
  const { tools, toolChoice, isLegacy } = decodeTools(json, unknownFields);
  const streamOptions = optionalObject(json['stream_options'], 'stream_options');
  if (streamOptions !== null) noteUnknown(streamOptions, KNOWN_STREAM_OPTIONS, 'stream_options', unknownFields);
  const obfuscates = optionalBoolean(streamOptions?.['include_obfuscation'], 'stream_options.include_obfuscation');
  // Not to obfuscate asks for nothing of whoever cannot.
  if (obfuscates === true) protocolFields.push('stream_options.include_obfuscation');
  return {
    dialect: 'openai-chat',
    asked: decodeAskedModel(json['model']),
    messages: decodeMessages(json['messages'], { unknown: unknownFields, protocol: protocolFields }),
    tools,
    toolChoice,
    responseFormat: decodeResponseFormat(json['response_format'], unknownFields),
    // Functions are called one at a time: their answers have room for one.
    parameters: isLegacy && tools.length > 0 ? { ...parameters, parallel_tool_calls: false } : parameters,
    parameterPaths: isLegacy ? LEGACY_PATHS : {},
    unknownFields,
    protocolFields,
    embedding: null,
    stream: optionalBoolean(json['stream'], 'stream') ?? false,
    includeUsage: optionalBoolean(streamOptions?.['include_usage'], 'stream_options.include_usage') ?? false,
    directives: decodeDirectives(headers, json['candor'], options.explain),
    original,
  };
}

function decodeParameters(original: OriginalRequest, unknownFields: string[]): Readonly<Record<string, JsonValue>> {
  const { json } = original;
  const parameters: Record<string, JsonValue> = {};
  for (const name of Object.keys(json)) {
    if (STRUCTURED.has(name)) continue;
    refuseForbiddenMember(name);
    const value = json[name] as JsonValue;
    if (!isParameter(name)) {
      if (value !== null) unknownFields.push(name);
      continue;
    }
    if (typeof value === 'number') checkExact(name, original);
    const decoded = decodeParameter(name, value);
    if (decoded !== undefined) parameters[name] = decoded;
  }
  if (parameters['max_tokens'] !== undefined && parameters['max_completion_tokens'] !== undefined) {
    throw new GatewayError('invalid_request', 'send `max_tokens` or `max_completion_tokens`, not both', {
      param: 'max_tokens',
    });
  }
  return parameters;
}

/** Refuses a number that would reach the model as another one. */
function checkExact(name: string, { inexact }: OriginalRequest): void {
  if (!inexact.has(name)) return;
  throw new GatewayError('number_out_of_range', `\`${name}\` is a number that cannot be carried unchanged`, {
    param: name,
  });
}
