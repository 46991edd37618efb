import { type JsonObject, type JsonValue, isJsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { OpenAiTool } from '../../wire/openai-chat.ts';
import type { Persona } from '../persona.ts';
import type { AnswerFormat, OfferedTool, Question, ToolUse } from '../question.ts';
import { readMessages } from './openai-messages.ts';
import { RequestRefused } from './protocol.ts';
import { integerBetween, namesOf, numberBetween, objectsOf, shown, stringsOf, unknownName } from './read.ts';
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
      `Invalid value: '${shown(type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
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
        `Invalid value: '${shown(tool['type'])}'. This model supports 'function' tools only.`,
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
