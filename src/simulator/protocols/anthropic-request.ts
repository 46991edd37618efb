import type { IncomingHttpHeaders } from 'node:http';
import { type JsonObject, type JsonValue, numberMember, objectMember, stringMember } from '../../core/json.ts';
import type { Persona } from '../persona.ts';
import type { AnswerFormat, OfferedTool, Question, ToolUse } from '../question.ts';
import { readAnthropicMessages } from './anthropic-messages.ts';
import { RequestRefused } from './protocol.ts';
import { closedProblem } from './strict-schema.ts';
import { namesOf, objectsOf, shown, stringsOf, unknownName } from './read.ts';

const KNOWN = namesOf(
  'model max_tokens messages system stream temperature top_p top_k stop_sequences tools tool_choice thinking output_config metadata service_tier cache_control ' +
    'container inference_geo speed diagnostics',
);
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];
const LEAST_THINKING_TOKENS = 1_024;
const NEUTRAL_TOP_P = 0.99;

/** Reads a Messages request as Anthropic does. @throws RequestRefused */
export function readAnthropicRequest(body: JsonObject, persona: Persona, headers: IncomingHttpHeaders): Question {
  if (headers['anthropic-version'] === undefined) refuse('anthropic-version: header is required');
  const unknown = unknownName(body, KNOWN);
  if (unknown !== null) refuse(`${unknown}: Extra inputs are not permitted`, unknown);
  const maxTokens = readCap(body, persona);
  const thinking = readThinking(body, persona, maxTokens);
  checkSampling(body, persona, thinking !== 'none');
  const tools = readTools(body['tools']);
  const choice = objectMember(body, 'tool_choice');
  const toolUse = readToolChoice(choice, tools);
  if (thinking !== 'none' && (toolUse.mode === 'required' || toolUse.mode === 'named'))
    refuse('Thinking may not be enabled when tool_choice forces tool use.', 'tool_choice');
  return {
    ...readAnthropicMessages(body, isNewest(persona)),
    tools,
    toolUse,
    parallelCalls: choice?.['disable_parallel_tool_use'] !== true,
    format: readFormat(body, persona),
    maxTokens,
    stop: readStop(body),
    reasoning: thinking,
    choices: 1,
    stream: body['stream'] === true,
    streamUsage: true,
    logprobs: false,
  };
}

/** The newest models take no sampling and no prefill, and know system turns. */
function isNewest(persona: Persona): boolean {
  return persona.name === 'claude-opus';
}

function readCap(body: JsonObject, persona: Persona): number {
  const cap = numberMember(body, 'max_tokens');
  if (cap === null) refuse('max_tokens: Field required', 'max_tokens');
  if (!Number.isInteger(cap) || cap < 1) refuse('max_tokens: Input should be greater than or equal to 1', 'max_tokens');
  if (cap > persona.outputTokens)
    refuse(
      `max_tokens: ${cap} > ${persona.outputTokens}, which is the maximum allowed number of output tokens for ${persona.name}`,
      'max_tokens',
    );
  return cap;
}

function checkSampling(body: JsonObject, persona: Persona, isThinking: boolean): void {
  const temperature = optionalNumber(body, 'temperature');
  const topP = optionalNumber(body, 'top_p');
  const topK = optionalNumber(body, 'top_k');
  if (temperature !== null && (temperature < 0 || temperature > 1)) refuse('temperature: range: 0..1', 'temperature');
  if (topP !== null && (topP < 0 || topP > 1)) refuse('top_p: range: 0..1', 'top_p');
  if (isNewest(persona)) {
    if (temperature !== null && temperature !== 1)
      refuse('`temperature` is not supported for this model; only the default of 1 is accepted.', 'temperature');
    if (topP !== null && topP < NEUTRAL_TOP_P)
      refuse('`top_p` is not supported for this model; only values of 0.99 and above are accepted.', 'top_p');
    if (topK !== null) refuse('`top_k` is not supported for this model.', 'top_k');
  } else if (temperature !== null && topP !== null) {
    refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'temperature');
  }
  if (isThinking && temperature !== null && temperature !== 1)
    refuse('`temperature` may only be set to 1 when thinking is enabled.', 'temperature');
}

function optionalNumber(body: JsonObject, name: string): number | null {
  if (body[name] === undefined) return null;
  const value = numberMember(body, name);
  if (value === null) refuse(`${name}: Input should be a valid number`, name);
  return value;
}

function readThinking(body: JsonObject, persona: Persona, maxTokens: number): Question['reasoning'] {
  const thinking = objectMember(body, 'thinking');
  const shown = thinking?.['display'] === 'omitted' ? 'hidden' : 'shown';
  switch (thinking?.['type']) {
    case undefined:
    case 'disabled':
      return 'none';
    case 'adaptive':
    case 'between_tools':
      return shown;
    case 'enabled': {
      if (isNewest(persona))
        refuse(
          'thinking.type: "enabled" is not supported for this model. Use "adaptive" and output_config.effort.',
          'thinking.type',
        );
      const budget = numberMember(thinking, 'budget_tokens') ?? 0;
      if (budget < LEAST_THINKING_TOKENS)
        refuse(
          `thinking.enabled.budget_tokens: Input should be greater than or equal to ${LEAST_THINKING_TOKENS}`,
          'thinking.budget_tokens',
        );
      if (budget >= maxTokens) refuse('`max_tokens` must be greater than `thinking.budget_tokens`.', 'max_tokens');
      return shown;
    }
    default:
      return refuse(
        "thinking: Input tag does not match any of the expected tags: 'adaptive', 'between_tools', 'disabled', 'enabled'",
        'thinking.type',
      );
  }
}

function readFormat(body: JsonObject, persona: Persona): AnswerFormat {
  const output = objectMember(body, 'output_config');
  if (output === null) return { type: 'text' };
  const unknown = unknownName(output, namesOf('effort format'));
  if (unknown !== null) refuse(`output_config.${unknown}: Extra inputs are not permitted`, `output_config.${unknown}`);
  const effort = output['effort'] ?? null;
  if (effort !== null && !EFFORTS.includes(shown(effort)))
    refuse(`output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'`, 'output_config.effort');
  if (effort !== null && !isNewest(persona))
    refuse('This model does not support the effort parameter.', 'output_config.effort');
  const format = objectMember(output, 'format');
  if (format === null) return { type: 'text' };
  const schema = objectMember(format, 'schema');
  if (format['type'] !== 'json_schema' || schema === null)
    refuse("output_config.format: expected {type: 'json_schema', schema}", 'output_config.format');
  const problem = closedProblem(schema);
  if (problem !== null) refuse(`output_config.format.schema: ${problem}`, 'output_config.format');
  return { type: 'json_schema', schema };
}

function readStop(body: JsonObject): readonly string[] {
  const sequences = stringsOf(body['stop_sequences']);
  if (sequences.some((sequence) => sequence.trim() === ''))
    refuse('stop_sequences: each stop sequence must contain non-whitespace', 'stop_sequences');
  return sequences;
}

function readTools(tools: JsonValue | undefined): readonly OfferedTool[] {
  return objectsOf(tools).map((tool, index) => {
    const unknown = unknownName(tool, namesOf('name description input_schema strict type cache_control'));
    if (unknown !== null)
      refuse(`tools.${index}.custom.${unknown}: Extra inputs are not permitted`, `tools.${index}.${unknown}`);
    const name = stringMember(tool, 'name') ?? '';
    if (!/^[\w-]{1,128}$/.test(name))
      refuse(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`, `tools.${index}.name`);
    const schema = objectMember(tool, 'input_schema');
    if (schema === null) refuse(`tools.${index}.custom.input_schema: Field required`, `tools.${index}.input_schema`);
    if (schema['type'] !== 'object')
      refuse(`tools.${index}.custom.input_schema.type: Input should be 'object'`, `tools.${index}.input_schema.type`);
    return { name, description: stringMember(tool, 'description') ?? '', parameters: schema };
  });
}

function readToolChoice(choice: JsonObject | null, tools: readonly OfferedTool[]): ToolUse {
  if (choice === null) return { mode: 'auto' };
  if (tools.length === 0) refuse('tool_choice: may only be specified while providing tools', 'tool_choice');
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return { mode: choice['type'] };
    case 'any':
      return { mode: 'required' };
    case 'tool': {
      const name = stringMember(choice, 'name') ?? '';
      if (!tools.some((tool) => tool.name === name))
        refuse(`tool_choice: Tool '${name}' not found in provided tools`, 'tool_choice.name');
      return { mode: 'named', name };
    }
    default:
      return refuse(
        "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
        'tool_choice.type',
      );
  }
}

function refuse(message: string, param: string | null = null): never {
  throw new RequestRefused(400, message, param);
}
