import type { AssistantMessage, ExtraContent, ToolCall } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  noteUnknown,
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { decodeContent } from './content.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';

const KNOWN_MESSAGE = new Set([
  'role',
  'content',
  'name',
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'extra_content',
  'audio',
  'annotations',
]);
const KNOWN_CALL = new Set(['id', 'type', 'function', 'custom', 'index', 'extra_content']);

/** Decodes a turn of the assistant. @throws GatewayError */
export function decodeAssistant(
  original: JsonObject,
  path: string,
  name: string | null,
  fields: UnplacedFields,
): AssistantMessage {
  noteUnknown(original, KNOWN_MESSAGE, path, fields.unknown);
  const hasContent = (original['content'] ?? null) !== null;
  const content = hasContent
    ? [...decodeContent(original['content'], 'assistant', `${path}.content`, fields.unknown)]
    : [];
  const refusal = optionalString(original['refusal'], `${path}.refusal`);
  if (refusal !== null) content.push({ type: 'refusal', refusal });
  const isSpoken = noteOutputs(original, path, fields);
  const toolCalls = decodeCalls(original, path, fields);
  if (content.length === 0 && toolCalls.length === 0 && !isSpoken) {
    throw new GatewayError('invalid_messages', `\`${path}\` has neither content nor tool calls`, {
      param: `${path}.content`,
    });
  }
  const reasoning = optionalString(original['reasoning_content'], `${path}.reasoning_content`);
  const extra = decodeExtra(original, path);
  return { role: 'assistant', path, original, name, content, toolCalls, reasoning, ...extra };
}

/** Of what an answer holds beside its text, only this protocol can say that it was there. @returns whether it was spoken */
function noteOutputs(original: JsonObject, path: string, fields: UnplacedFields): boolean {
  const annotations = original['annotations'] ?? null;
  // SDKs send an answer back with empty members that only an answer has; they ask for nothing.
  if (annotations !== null && requireArray(annotations, `${path}.annotations`).length > 0) {
    fields.protocol.push(`${path}.annotations`);
  }
  const audio = optionalObject(original['audio'], `${path}.audio`);
  if (audio === null) return false;
  requireString(audio['id'], `${path}.audio.id`);
  fields.protocol.push(`${path}.audio`);
  return true;
}

function decodeCalls(original: JsonObject, path: string, fields: UnplacedFields): readonly ToolCall[] {
  const called = optionalObject(original['function_call'], `${path}.function_call`);
  const calls = original['tool_calls'] ?? null;
  if (called !== null) {
    if (calls === null) return [decodeFunctionCall(called, `${path}.function_call`, fields)];
    throw new GatewayError('invalid_messages', 'a message has `tool_calls` or `function_call`, not both', {
      param: `${path}.function_call`,
    });
  }
  if (calls === null) return [];
  return requireArray(calls, `${path}.tool_calls`).map((call, index) =>
    decodeToolCall(call, index, `${path}.tool_calls[${index}]`, fields),
  );
}

/** A call of the protocol's first years has no id: its place makes one. */
function decodeFunctionCall(called: JsonObject, path: string, fields: UnplacedFields): ToolCall {
  noteUnknown(called, new Set(['name', 'arguments']), path, fields.unknown);
  return {
    id: `call_${/\d+/.exec(path)?.[0]}`,
    name: requireString(called['name'], `${path}.name`),
    arguments: requireString(called['arguments'], `${path}.arguments`),
    argumentsPath: `${path}.arguments`,
  };
}

function decodeToolCall(value: JsonValue, position: number, path: string, fields: UnplacedFields): ToolCall {
  const call = requireObject(value, path);
  const type = requireWord(call['type'] ?? 'function', `${path}.type`, ['function', 'custom']);
  noteUnknown(call, KNOWN_CALL, path, fields.unknown);
  const other = type === 'function' ? 'custom' : 'function';
  if ((call[other] ?? null) !== null) fields.unknown.push(`${path}.${other}`);
  // An index equal to the position says nothing new; another one would be a meaning we cannot carry.
  if (call['index'] !== undefined && call['index'] !== position) fields.unknown.push(`${path}.index`);
  const called = requireObject(call[type], `${path}.${type}`);
  const written = type === 'function' ? 'arguments' : 'input';
  noteUnknown(called, new Set(['name', written]), `${path}.${type}`, fields.unknown);
  return {
    id: requireString(call['id'], `${path}.id`),
    name: requireString(called['name'], `${path}.${type}.name`),
    arguments: requireString(called[written], `${path}.${type}.${written}`),
    ...(type === 'custom' ? { kind: 'custom' as const, argumentsPath: `${path}.custom.input` } : {}),
    ...decodeExtra(call, path),
  };
}

/** What vendors want back, by the provider's kind. */
function decodeExtra(holder: JsonObject, path: string): { readonly extraContent?: ExtraContent } {
  const extra = optionalObject(holder['extra_content'], `${path}.extra_content`);
  if (extra === null) return {};
  const kept: Record<string, JsonObject> = {};
  for (const [vendor, content] of Object.entries(extra)) {
    if (content !== null) kept[vendor] = requireObject(content, `${path}.extra_content.${vendor}`);
  }
  return { extraContent: kept };
}
