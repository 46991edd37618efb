import { featureOfParameter, isHint, isNeutral, type Feature, type Requirement } from '../core/capabilities.ts';
import {
  clientPath,
  usesFunctions,
  type ChatRequest,
  type ContentPart,
  type EmbeddingInput,
  type Message,
} from '../core/chat.ts';
import { isJsonObject, parseJson, type JsonValue } from '../core/json.ts';
import { scanJson } from '../core/json-scan.ts';
import { isInstruction, lateInstructions } from '../core/late-instructions.ts';
import { partPath } from '../core/part-path.ts';

/**
 * What a request needs of a model as a matter of contract. Neutral values need nothing.
 * Each need carries the path in the request that causes it.
 * @param strict whether the hints of messages are needs too, as under `params: strict`
 */
export function requirementsOf(request: ChatRequest, strict = false): readonly Requirement[] {
  const needs: Requirement[] = [];
  const need = (feature: Feature, param: string): void => {
    needs.push({ feature, param: clientPath(request, param) });
  };
  parameterNeeds(request, need);
  toolNeeds(request, need);
  formatNeeds(request, need);
  for (const message of request.messages) messageNeeds(message, need);
  if (strict) hintNeeds(request.messages, need);
  if (request.embedding === null) orderNeeds(request.messages, need);
  else embeddingNeeds(request.embedding, need);
  need(request.embedding === null ? 'chat' : 'embeddings', request.embedding === null ? 'messages' : 'input');
  // These are the client's own words already.
  for (const param of request.unknownFields) needs.push({ feature: 'unknown_fields', param });
  for (const param of request.protocolFields) needs.push({ feature: 'protocol_fields', param });
  for (const member of request.original.inexact) {
    if (!NEVER_REWRITTEN.has(member) && !isHint(member)) need('exact_numbers', member);
  }
  return needs;
}

/** Members whose numbers no other protocol is sent: those of Candor, and messages, where a number stands only in what has a need of its own. */
const NEVER_REWRITTEN: ReadonlySet<string> = new Set(['candor', 'messages', 'input', 'stream_options']);

type Need = (feature: Feature, param: string) => void;

function parameterNeeds(request: ChatRequest, need: Need): void {
  for (const name in request.parameters) {
    const feature = featureOfParameter(name);
    const value = request.parameters[name];
    if (feature === null || value === undefined || isNeutral(name, value)) continue;
    // That functions are called one at a time lies in the form of the answer, which is checked; without tools there is none to call.
    if (feature === 'single_tool_call' && (usesFunctions(request) || request.tools.length === 0)) continue;
    need(feature, name);
  }
  const stop = request.parameters['stop'];
  if (!Array.isArray(stop)) return;
  const isList = Array.isArray(request.original.json[clientPath(request, 'stop')] ?? []);
  (stop as readonly JsonValue[]).forEach((sequence, index) => {
    if (typeof sequence === 'string' && sequence.trim() === '')
      need('stop_white_space', isList ? `stop[${index}]` : 'stop');
  });
}

function toolNeeds(request: ChatRequest, need: Need): void {
  if (request.tools.length === 0) return;
  need('tools', 'tools');
  request.tools.forEach((tool, index) => {
    if (tool.strict === true) need('strict_tools', `tools[${index}].function.strict`);
    if (tool.custom !== undefined) need('custom_tools', `tools[${index}].type`);
  });
  if (request.toolChoice?.mode === 'required') need('tool_choice_required', 'tool_choice');
  if (request.toolChoice?.mode === 'named') need('tool_choice_named', 'tool_choice');
  if (request.toolChoice?.mode === 'allowed') {
    need('allowed_tools', 'tool_choice');
    if (request.toolChoice.required) need('tool_choice_required', 'tool_choice');
  }
}

function formatNeeds(request: ChatRequest, need: Need): void {
  const type = request.responseFormat?.type;
  if (type === undefined || type === 'text') return;
  need(type, 'response_format');
  if (request.tools.length === 0) return;
  need('json_with_tools', 'response_format');
  const mode = request.toolChoice?.mode ?? 'auto';
  if (mode !== 'auto') need('json_with_tool_choice', 'tool_choice');
}

function messageNeeds(message: Message, need: Need): void {
  message.content.forEach((part, index) => partNeeds(part, message, partPath(message, index), need));
  const isEmpty = message.content.every((part) => part.type === 'text' && part.text === '');
  if (isEmpty && message.role === 'user') need('empty_message', `${message.path}.content`);
  if (message.role !== 'assistant') return;
  message.toolCalls.forEach((call, index) => {
    const path = call.argumentsPath ?? `${message.path}.tool_calls[${index}].function.arguments`;
    const feature = call.kind === 'custom' ? 'custom_tools' : argumentsNeed(call.arguments);
    if (feature !== null) need(feature, path);
  });
}

/** Hints that stand in messages; those that are parameters are compared by what becomes of them. */
function hintNeeds(messages: readonly Message[], need: Need): void {
  const called = new Map<string, string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const call of message.toolCalls) called.set(call.id, call.name);
    // A result that is named after its call says nothing that the call has not said.
    const isRepeated = message.role === 'tool' && message.name === called.get(message.toolCallId);
    if (message.name !== null && !isRepeated) need('message_names', `${message.path}.name`);
    if (message.role === 'tool' && message.isError === true) need('tool_errors', `${message.path}.is_error`);
    if (message.role === 'assistant' && message.reasoning !== null) {
      need('reasoning_history', `${message.path}.reasoning_content`);
    }
    message.content.forEach((part, index) => {
      if (part.type !== 'image' || part.detail === null || part.detail === 'auto') return;
      need('image_detail', `${partPath(message, index)}.image_url.detail`);
    });
  }
}

function partNeeds(part: ContentPart, message: Message, path: string, need: Need): void {
  if (part.type === 'image') {
    if (message.role === 'tool') need('image_in_tool_result', path);
    need(part.source.kind === 'url' ? 'image_url' : 'image_data', path);
  }
  if (part.type === 'audio') need('audio_input', path);
  if (part.type === 'file') need(part.source.kind === 'url' ? 'file_url' : 'file_input', path);
  if (part.type === 'native') need('protocol_fields', path);
}

function orderNeeds(messages: readonly Message[], need: Need): void {
  const instruction = messages.find(isInstruction);
  const first = messages.find((message) => !isInstruction(message));
  const last = messages.at(-1);
  const { messages: late, afterAnswer } = lateInstructions(messages);
  if (instruction !== undefined) need('instructions', `${instruction.path}.role`);
  if (late[0] !== undefined) need('system_after_start', `${late[0].path}.role`);
  if (afterAnswer !== null) need('system_after_assistant', `${afterAnswer.path}.role`);
  if (first === undefined) need('starts_with_assistant', 'messages');
  else if (first.role !== 'user') need('starts_with_assistant', `${first.path}.role`);
  if (last?.role === 'assistant') need('assistant_prefill', `${last.path}.role`);
}

/** More inputs than this are too many for vendors other than the protocol's own. */
const COMMON_EMBEDDING_BATCH = 100;

function embeddingNeeds({ inputs, dimensions }: EmbeddingInput, need: Need): void {
  if (inputs.some((input) => typeof input !== 'string')) need('embedding_tokens', 'input');
  if (inputs.length > COMMON_EMBEDDING_BATCH) need('embedding_batch', 'input');
  if (dimensions !== null) need('embedding_dimensions', 'dimensions');
}

const ARGUMENT_LIMITS = { maxDepth: 64, maxStructuralCharacters: 200_000 };

/** What arguments need that are no JSON object, hold a key twice, or a number that would not outlive being written again. */
function argumentsNeed(text: string): Feature | null {
  if (!isJsonObject(parseJson(text))) return 'free_form_tool_arguments';
  const scan = scanJson(Buffer.from(text), ARGUMENT_LIMITS);
  if (scan.problem !== null) return 'free_form_tool_arguments';
  return scan.inexact.size > 0 ? 'exact_tool_arguments' : null;
}
