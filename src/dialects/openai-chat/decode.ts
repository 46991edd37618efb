import type { ChatRequest, OriginalRequest } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { decodeDirectives } from '../directives.ts';
import { parseJsonBody } from '../json-body.ts';
import { noteUnknown, optionalBoolean, optionalObject, requireString } from './checks.ts';
import { decodeMessages } from './messages.ts';
import { decodeParameter, decodeResponseFormat, decodeTools, decodeToolChoice, isParameter } from './parameters.ts';

const STRUCTURED = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'response_format',
  'stream',
  'stream_options',
  'candor',
]);

/** Members with which other gateways let a request choose where its bytes go; never here. */
const FORBIDDEN = new Set([
  'api_base',
  'base_url',
  'api_key',
  'custom_llm_provider',
  'extra_headers',
  'headers',
  'timeout',
]);

const MAX_NAME_CHARACTERS = 256;
const KNOWN_STREAM_OPTIONS = new Set(['include_usage']);

/**
 * Decodes a Chat Completions request. Every member of the body ends up in the result: as a field,
 * as a parameter, or as a path in `unknownFields`.
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
  const parameters = decodeParameters(original, unknownFields);
  const tools = decodeTools(json['tools'], unknownFields);
  const streamOptions = optionalObject(json['stream_options'], 'stream_options');
  if (streamOptions !== null) noteUnknown(streamOptions, KNOWN_STREAM_OPTIONS, 'stream_options', unknownFields);
  return {
    dialect: 'openai-chat',
    asked: decodeModel(json['model']),
    messages: decodeMessages(json['messages'], unknownFields),
    tools,
    toolChoice: decodeToolChoice(json['tool_choice'], tools, unknownFields),
    responseFormat: decodeResponseFormat(json['response_format'], unknownFields),
    parameters,
    parameterPaths: {},
    unknownFields,
    protocolFields: [],
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
    if (FORBIDDEN.has(name)) {
      throw new GatewayError('forbidden_param', `\`${name}\` cannot be set by a request`, { param: name });
    }
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

/** Names stand in headers and sentences of ours: one that is longer than any name is no name. */
function decodeModel(value: JsonValue | undefined): string {
  const model = requireString(value, 'model');
  if (model !== '' && model.length <= MAX_NAME_CHARACTERS) return model;
  throw new GatewayError('param_out_of_range', `\`model\` must be a name of 1 to ${MAX_NAME_CHARACTERS} characters`, {
    param: 'model',
  });
}
