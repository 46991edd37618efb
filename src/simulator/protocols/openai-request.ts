import { type JsonObject, type JsonValue, isJsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { OpenAiTool } from '../../wire/openai-chat.ts';
import type { Persona } from '../persona.ts';
import type { AnswerFormat, CalledTool, OfferedTool, Question, ReceivedImage, ToolUse, Turn } from '../question.ts';
import { RequestRefused } from './protocol.ts';
import {
  imageAt,
  integerBetween,
  namesOf,
  numberBetween,
  objectsOf,
  stringsOf,
  typeName,
  unknownName,
} from './read.ts';
import { strictnessProblem } from './strict-schema.ts';

const KNOWN = namesOf(
  'model messages frequency_penalty logit_bias logprobs max_completion_tokens max_tokens metadata modalities n parallel_tool_calls prediction presence_penalty ' +
    'prompt_cache_key prompt_cache_options prompt_cache_retention response_format safety_identifier seed service_tier stop store stream stream_options temperature ' +
    'tool_choice tools top_logprobs top_p user audio functions function_call moderation reasoning_effort verbosity web_search_options',
);
/** Parameters the vendor has, but not on models of this generation. */
const NOT_ON_MODEL = [
  'reasoning_effort',
  'verbosity',
  'web_search_options',
  'moderation',
  'audio',
  'functions',
  'function_call',
] as const;
const ROLES = namesOf('system developer user assistant tool');
const LONGEST_STOP_LIST = 4;

/** Reads a chat completion request as OpenAI does. @throws RequestRefused */
export function readOpenAiRequest(body: JsonObject, persona: Persona): Question {
  checkNames(body);
  const turns = readMessages(body);
  const format = readFormat(body);
  if (format.type === 'json_object' && !mentionsJson(body)) {
    throw new RequestRefused(
      400,
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    );
  }
  const maxTokens = readCap(body, persona);
  checkSampling(body);
  const tools = readTools(body['tools']);
  return {
    ...turns,
    tools,
    toolUse: readToolChoice(body['tool_choice'], tools),
    parallelCalls: body['parallel_tool_calls'] !== false,
    format,
    maxTokens,
    stop: readStop(body['stop']),
    reasoning: 'none',
    choices: integerBetween(body, 'n', 1, 128) ?? 1,
    stream: body['stream'] === true,
    streamUsage: objectMember(body, 'stream_options')?.['include_usage'] === true,
    logprobs: body['logprobs'] === true,
  };
}

function checkNames(body: JsonObject): void {
  const unknown = unknownName(body, KNOWN);
  if (unknown !== null) throw new RequestRefused(400, `Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
  const unsupported = NOT_ON_MODEL.find(
    (name) => (body[name] ?? null) !== null && !(name === 'verbosity' && body[name] === 'medium'),
  );
  if (unsupported !== undefined) {
    throw new RequestRefused(
      400,
      `Unsupported parameter: '${unsupported}' is not supported with this model.`,
      unsupported,
      'unsupported_parameter',
    );
  }
  if (stringsOf(body['modalities']).some((modality) => modality !== 'text')) {
    throw new RequestRefused(
      400,
      "Invalid value: 'modalities' of this model is ['text'].",
      'modalities',
      'unsupported_value',
    );
  }
  if (objectsOf(body['tools']).length === 0 && (body['parallel_tool_calls'] ?? null) !== null) {
    throw new RequestRefused(
      400,
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
      'parallel_tool_calls',
    );
  }
  if ((body['stream_options'] ?? null) !== null && body['stream'] !== true) {
    throw new RequestRefused(
      400,
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
}

function checkSampling(body: JsonObject): void {
  numberBetween(body, 'temperature', 0, 2);
  numberBetween(body, 'top_p', 0, 1);
  numberBetween(body, 'frequency_penalty', -2, 2);
  numberBetween(body, 'presence_penalty', -2, 2);
  integerBetween(body, 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (integerBetween(body, 'top_logprobs', 0, 20) !== null && body['logprobs'] !== true) {
    throw new RequestRefused(
      400,
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
      'top_logprobs',
    );
  }
}

function readCap(body: JsonObject, persona: Persona): number | null {
  const older = integerBetween(body, 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  const newer = integerBetween(body, 'max_completion_tokens', 1, Number.MAX_SAFE_INTEGER);
  if (older !== null && newer !== null) {
    throw new RequestRefused(
      400,
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
  const cap = older ?? newer;
  if (cap !== null && cap > persona.outputTokens) {
    const name = older === null ? 'max_completion_tokens' : 'max_tokens';
    throw new RequestRefused(
      400,
      `${name} is too large: ${cap}. This model supports at most ${persona.outputTokens} completion tokens, whereas you provided ${cap}.`,
      name,
    );
  }
  return cap;
}

/** Reads `stop`: one text or up to four. @throws RequestRefused */
export function readStop(stop: JsonValue | undefined): readonly string[] {
  const sequences = stringsOf(stop);
  if (sequences.length > LONGEST_STOP_LIST) {
    throw new RequestRefused(
      400,
      `Invalid 'stop': array too long. Expected an array with maximum length ${LONGEST_STOP_LIST}, but got an array with length ${sequences.length} instead.`,
      'stop',
      'array_above_max_length',
    );
  }
  if (sequences.includes(''))
    throw new RequestRefused(400, "Invalid 'stop': a stop sequence must not be empty.", 'stop', 'invalid_value');
  return sequences;
}

function readFormat(body: JsonObject): AnswerFormat {
  const format = objectMember(body, 'response_format');
  const type = format?.['type'];
  if (format === null || type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type };
  if (type !== 'json_schema') {
    throw new RequestRefused(
      400,
      `Invalid value: '${String(type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'response_format.type',
      'invalid_value',
    );
  }
  const named = objectMember(format, 'json_schema');
  const name = named === null ? null : stringMember(named, 'name');
  if (named === null || name === null)
    throw new RequestRefused(
      400,
      "Missing required parameter: 'response_format.json_schema.name'.",
      'response_format.json_schema.name',
      'missing_required_parameter',
    );
  if (!/^[\w-]{1,64}$/.test(name))
    throw new RequestRefused(
      400,
      `Invalid 'response_format.json_schema.name': string does not match pattern '^[a-zA-Z0-9_-]+$'.`,
      'response_format.json_schema.name',
      'invalid_value',
    );
  const schema = objectMember(named, 'schema');
  const problem = named['strict'] === true && schema !== null ? strictnessProblem(schema) : null;
  if (problem !== null)
    throw new RequestRefused(400, `Invalid schema for response_format '${name}': ${problem}`, 'response_format');
  return schema === null ? { type: 'json_object' } : { type, schema };
}

/** Whether any message has the word the vendors want beside `json_object`. */
export function mentionsJson(body: JsonObject): boolean {
  return /json/i.test(JSON.stringify(body['messages'] ?? ''));
}

/** Reads the functions on offer. @throws RequestRefused */
export function readTools(tools: JsonValue | undefined): readonly OfferedTool[] {
  return objectsOf(tools).map((tool, index) => {
    const declared = (tool as OpenAiTool).function;
    if (tool['type'] !== 'function' || declared === undefined) {
      throw new RequestRefused(
        400,
        `Invalid value: '${String(tool['type'])}'. This model supports 'function' tools only.`,
        `tools[${index}].type`,
        'invalid_value',
      );
    }
    if (typeof declared.name !== 'string' || !/^[\w-]{1,64}$/.test(declared.name)) {
      throw new RequestRefused(
        400,
        `Invalid 'tools[${index}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        `tools[${index}].function.name`,
        'invalid_value',
      );
    }
    const parameters = declared.parameters ?? { type: 'object', properties: {} };
    const problem = declared.strict === true ? strictnessProblem(parameters) : null;
    if (problem !== null)
      throw new RequestRefused(
        400,
        `Invalid schema for function '${declared.name}': ${problem}`,
        `tools[${index}].function.parameters`,
        'invalid_function_parameters',
      );
    return { name: declared.name, description: declared.description ?? '', parameters };
  });
}

/** Reads `tool_choice`. @throws RequestRefused */
export function readToolChoice(choice: JsonValue | undefined, tools: readonly OfferedTool[]): ToolUse {
  if (choice === undefined || choice === null) return { mode: 'auto' };
  if (tools.length === 0)
    throw new RequestRefused(
      400,
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      'tool_choice',
    );
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { mode: choice };
  const name = isJsonObject(choice) ? objectMember(choice, 'function')?.['name'] : undefined;
  if (typeof name !== 'string' || !tools.some((tool) => tool.name === name)) {
    throw new RequestRefused(
      400,
      `Invalid value for 'tool_choice': no tool named ${JSON.stringify(name ?? choice)}.`,
      'tool_choice',
    );
  }
  return { mode: 'named', name };
}

/** Reads the conversation and checks that every call has its result. @throws RequestRefused */
export function readMessages(body: JsonObject): Pick<Question, 'system' | 'turns'> {
  const messages = body['messages'];
  if (!Array.isArray(messages))
    throw new RequestRefused(
      400,
      `Invalid type for 'messages': expected an array of objects, but got ${typeName(messages)} instead.`,
      'messages',
      'invalid_type',
    );
  if (messages.length === 0)
    throw new RequestRefused(
      400,
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    );
  const system: string[] = [];
  const turns: Turn[] = [];
  const open = new Map<string, CalledTool>();
  objectsOf(messages).forEach((message, index) => {
    const role = stringMember(message, 'role') ?? '';
    if (!ROLES.has(role))
      throw new RequestRefused(
        400,
        `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'developer', and 'tool'.`,
        `messages[${index}].role`,
        'invalid_value',
      );
    if (role !== 'tool') checkAnswered(open);
    const { text, images } = readContent(message, index);
    if (role === 'system' || role === 'developer') system.push(text);
    else if (role === 'user') turns.push({ role, text, images });
    else if (role === 'assistant') turns.push(readAssistant(message, text, open));
    else turns.push(readToolResult(message, text, index, open));
  });
  checkAnswered(open);
  return { system: system.join('\n'), turns };
}

function readAssistant(message: JsonObject, text: string, open: Map<string, CalledTool>): Turn {
  const calls = objectsOf(message['tool_calls']).map((call) => {
    const called = objectMember(call, 'function');
    return {
      id: stringMember(call, 'id') ?? '',
      name: (called === null ? null : stringMember(called, 'name')) ?? '',
      arguments: (called === null ? null : stringMember(called, 'arguments')) ?? '',
    };
  });
  for (const call of calls) open.set(call.id, call);
  return { role: 'assistant', text, calls };
}

function readToolResult(message: JsonObject, text: string, index: number, open: Map<string, CalledTool>): Turn {
  const id = stringMember(message, 'tool_call_id') ?? '';
  const call = open.get(id);
  if (call === undefined)
    throw new RequestRefused(
      400,
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      `messages[${index}].role`,
    );
  open.delete(id);
  return { role: 'tool', text, call };
}

function checkAnswered(open: ReadonlyMap<string, CalledTool>): void {
  if (open.size === 0) return;
  throw new RequestRefused(
    400,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open.keys()].join(', ')}`,
    'messages',
  );
}

function readContent(
  message: JsonObject,
  index: number,
): { readonly text: string; readonly images: readonly ReceivedImage[] } {
  const content = message['content'];
  if (typeof content === 'string') return { text: content, images: [] };
  if (!Array.isArray(content)) {
    if (message['role'] === 'assistant') return { text: '', images: [] };
    throw new RequestRefused(
      400,
      `Invalid value for 'content': expected a string, got ${typeName(content)}.`,
      `messages[${index}].content`,
    );
  }
  const parts = objectsOf(content);
  const text = parts
    .map((part) => stringMember(part, 'text') ?? stringMember(part, 'refusal') ?? '')
    .filter((piece) => piece !== '');
  const images = parts.flatMap((part) => {
    const url = objectMember(part, 'image_url')?.['url'];
    return typeof url === 'string' ? [imageAt(url)] : [];
  });
  const odd = parts.findIndex((part) => !['text', 'image_url', 'refusal'].includes(stringMember(part, 'type') ?? ''));
  if (odd !== -1)
    throw new RequestRefused(
      400,
      `Invalid value: '${String(parts[odd]?.['type'])}'. This model takes 'text' and 'image_url' parts.`,
      `messages[${index}].content[${odd}].type`,
      'invalid_value',
    );
  return { text: text.join('\n'), images };
}
