import type { Message } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { decodeAssistant } from './assistant.ts';
import {
  noteUnknown,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { decodeContent } from './content.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const KNOWN_MESSAGE = new Set(['role', 'content', 'name']);
const KNOWN_TOOL_MESSAGE = new Set(['role', 'content', 'name', 'tool_call_id']);

/** Decodes the conversation. Members without a place of their own go to `fields`. @throws GatewayError */
export function decodeMessages(value: JsonValue | undefined, fields: UnplacedFields): readonly Message[] {
  const list = requireArray(value, 'messages');
  if (list.length === 0) {
    throw new GatewayError('invalid_messages', '`messages` is empty: send at least one message', { param: 'messages' });
  }
  const messages: Message[] = [];
  list.forEach((entry, index) => messages.push(decodeMessage(entry, `messages[${index}]`, messages, fields)));
  checkToolResults(messages);
  return messages;
}

function decodeMessage(value: JsonValue, path: string, before: readonly Message[], fields: UnplacedFields): Message {
  const original = requireObject(value, path);
  const role = requireWord(original['role'], `${path}.role`, ROLES) as Message['role'] | 'function';
  const name = optionalString(original['name'], `${path}.name`);
  if (role === 'assistant') return decodeAssistant(original, path, name, fields);
  if (role === 'function') return decodeFunctionResult(original, path, before, fields);
  noteUnknown(original, role === 'tool' ? KNOWN_TOOL_MESSAGE : KNOWN_MESSAGE, path, fields.unknown);
  const content = decodeContent(original['content'], role, `${path}.content`, fields.unknown);
  if (role !== 'tool') return { role, path, original, name, content };
  const toolCallId = requireString(original['tool_call_id'], `${path}.tool_call_id`);
  return { role, path, original, name, toolCallId, content };
}

/** A result of the protocol's first years names its function: it is of the call before it. */
function decodeFunctionResult(
  original: JsonObject,
  path: string,
  before: readonly Message[],
  fields: UnplacedFields,
): Message {
  noteUnknown(original, KNOWN_MESSAGE, path, fields.unknown);
  const name = requireString(original['name'], `${path}.name`);
  const caller = before.at(-1);
  const call = caller?.role === 'assistant' ? caller.toolCalls.find((made) => made.name === name) : undefined;
  if (call === undefined) {
    throw new GatewayError('invalid_messages', `no call of \`${name}\` stands before this result`, {
      param: `${path}.name`,
    });
  }
  const written = optionalString(original['content'], `${path}.content`) ?? '';
  const content = [{ type: 'text', text: written }] as const;
  return { role: 'tool', path, original, name, toolCallId: call.id, content };
}

/** Each tool call must be answered by a tool message before the conversation goes on, as every vendor demands. */
function checkToolResults(messages: readonly Message[]): void {
  let open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.toolCallId)) {
        throw new GatewayError('invalid_messages', `no tool call \`${message.toolCallId}\` stands before this result`, {
          param: `${message.path}.tool_call_id`,
        });
      }
      continue;
    }
    if (open.size > 0 && message.role !== 'system' && message.role !== 'developer') {
      throw new GatewayError('invalid_messages', `the tool calls ${[...open].join(', ')} have no result`, {
        param: `${message.path}`,
      });
    }
    if (message.role !== 'assistant') continue;
    open = new Set(message.toolCalls.map((call) => call.id));
    if (open.size < message.toolCalls.length) {
      throw new GatewayError('invalid_messages', 'two tool calls of one message have the same id', {
        param: `${message.path}.tool_calls`,
      });
    }
  }
  if (open.size > 0) {
    throw new GatewayError('invalid_messages', `the tool calls ${[...open].join(', ')} have no result`, {
      param: 'messages',
    });
  }
}
