import { type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { CalledTool, Question, ReceivedImage, Turn } from '../question.ts';
import { RequestRefused } from './protocol.ts';
import { imageAt, namesOf, objectsOf, shown, typeName } from './read.ts';

const ROLES = namesOf('system developer user assistant tool');

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
      `Invalid value: '${shown(parts[odd]?.['type'])}'. This model takes 'text' and 'image_url' parts.`,
      `messages[${index}].content[${odd}].type`,
      'invalid_value',
    );
  return { text: text.join('\n'), images };
}
