import type { ResponseFormat } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { noteMembers, noteParameter, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { decodeParameter } from '../openai-chat/parameters.ts';

/** Parameters that Chat Completions has under the same name and with the same values. */
const SHARED = [
  'temperature',
  'top_p',
  'parallel_tool_calls',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
];
const MAX_TOKENS = 10_000_000;
const REASONING = knownMembers('effort summary generate_summary', 'context mode');
const SUMMARIES = ['auto', 'concise', 'detailed'];

/** Decodes the parameters that are single values, under Chat Completions' names. @throws GatewayError */
export function decodeParameters(json: JsonObject, findings: Findings): void {
  for (const name of SHARED) {
    const value = json[name];
    const decoded = value === undefined ? undefined : decodeParameter(name, value);
    if (decoded !== undefined) noteParameter(name, decoded, name, findings);
  }
  const cap = json['max_output_tokens'] ?? null;
  if (cap !== null) {
    const tokens = requireNumber(cap, 'max_output_tokens', { min: 1, max: MAX_TOKENS, integer: true });
    noteParameter('max_completion_tokens', tokens, 'max_output_tokens', findings);
  }
  decodeReasoning(optionalObject(json['reasoning'], 'reasoning'), findings);
  decodeLogprobs(json['top_logprobs'] ?? null, decodeInclude(json['include'], findings), findings);
}

function decodeReasoning(reasoning: JsonObject | null, findings: Findings): void {
  if (reasoning === null) return;
  noteMembers(reasoning, REASONING, 'reasoning', findings);
  const effort = reasoning['effort'] ?? null;
  if (effort !== null) {
    const levels = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
    noteParameter('reasoning_effort', requireWord(effort, 'reasoning.effort', levels), 'reasoning.effort', findings);
  }
  const older = reasoning['generate_summary'] ?? null;
  const newer = reasoning['summary'] ?? null;
  const path = older === null ? 'reasoning.summary' : 'reasoning.generate_summary';
  if (older !== null && newer !== null) {
    throw new GatewayError('invalid_request', `\`${path}\` is the older name of \`reasoning.summary\`: send one`, {
      param: path,
    });
  }
  const summary = newer ?? older;
  if (summary !== null) {
    noteParameter('reasoning_summary', requireWord(summary, path, SUMMARIES), path, findings);
  }
}

/** @returns the path of the item that asks for log probabilities; `null`: none does */
function decodeInclude(value: JsonValue | undefined, findings: Findings): string | null {
  if (value === undefined || value === null) return null;
  let logprobs: string | null = null;
  requireArray(value, 'include').forEach((entry, index) => {
    const path = `include[${index}]`;
    const word = requireString(entry, path);
    if (word === 'message.output_text.logprobs') logprobs = path;
    // What a vendor wants back is in the answer without being asked for: nothing else keeps it.
    else if (word !== 'reasoning.encrypted_content') findings.protocolFields.push(path);
  });
  return logprobs;
}

function decodeLogprobs(top: JsonValue, included: string | null, findings: Findings): void {
  const count = top === null ? 0 : requireNumber(top, 'top_logprobs', { min: 0, max: 20, integer: true });
  if (count === 0 && included === null) return;
  noteParameter('logprobs', true, included ?? 'top_logprobs', findings);
  if (count > 0) noteParameter('top_logprobs', count, 'top_logprobs', findings);
}

const TEXT = knownMembers('format verbosity');
const FORMAT = knownMembers('type');
const SCHEMA_FORMAT = knownMembers('type name description schema strict');

/** Decodes `text`: the format of the answer, and as a parameter how much of it. @throws GatewayError */
export function decodeFormat(value: JsonValue | undefined, findings: Findings): ResponseFormat | null {
  const text = optionalObject(value, 'text');
  if (text === null) return null;
  noteMembers(text, TEXT, 'text', findings);
  const verbosity = text['verbosity'] ?? null;
  if (verbosity !== null) {
    const word = requireWord(verbosity, 'text.verbosity', ['low', 'medium', 'high']);
    noteParameter('verbosity', word, 'text.verbosity', findings);
  }
  if ((text['format'] ?? null) === null) return null;
  const path = 'text.format';
  const format = requireObject(text['format'], path);
  const type = requireWord(format['type'], `${path}.type`, ['text', 'json_object', 'json_schema']);
  noteMembers(format, type === 'json_schema' ? SCHEMA_FORMAT : FORMAT, path, findings);
  if (type === 'text' || type === 'json_object') return { type };
  return {
    type: 'json_schema',
    name: requireString(format['name'], `${path}.name`),
    description: optionalString(format['description'], `${path}.description`),
    schema: optionalObject(format['schema'], `${path}.schema`),
    strict: optionalBoolean(format['strict'], `${path}.strict`),
  };
}
