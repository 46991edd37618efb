import type { AssistantMessage, ContentPart, ImageDetail, ImagePart, Message, ToolCall } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { noteUnknown, optionalString, requireArray, requireObject, requireString, requireWord } from './checks.ts';

const KNOWN_MESSAGE: Readonly<Record<Message['role'], ReadonlySet<string>>> = {
  system: new Set(['role', 'content', 'name']),
  developer: new Set(['role', 'content', 'name']),
  user: new Set(['role', 'content', 'name']),
  assistant: new Set(['role', 'content', 'name', 'refusal', 'tool_calls', 'reasoning_content']),
  tool: new Set(['role', 'content', 'name', 'tool_call_id']),
};
/** Which parts a message of each role can hold (API reference); images in tool results are some vendors' addition. */
const PARTS: Readonly<Record<Message['role'], readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text', 'image_url'],
};
const KNOWN_PART: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(['type', 'text']),
  image_url: new Set(['type', 'image_url']),
  refusal: new Set(['type', 'refusal']),
  input_audio: new Set(['type', 'input_audio']),
  file: new Set(['type', 'file']),
};
const KNOWN_TOOL_CALL = new Set(['id', 'type', 'function', 'index']);
const KNOWN_NAME_AND_ARGUMENTS = new Set(['name', 'arguments']);
const KNOWN_IMAGE_URL = new Set(['url', 'detail']);
/** The image types every vendor takes. */
const DATA_URL = /^data:(image\/(?:jpeg|png|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;

/** Decodes the conversation. Unknown members' paths go to `unknownFields`. @throws GatewayError */
export function decodeMessages(value: JsonValue | undefined, unknownFields: string[]): readonly Message[] {
  const list = requireArray(value, 'messages');
  if (list.length === 0) {
    throw new GatewayError('invalid_messages', '`messages` is empty: send at least one message', { param: 'messages' });
  }
  const messages = list.map((entry, index) => decodeMessage(entry, `messages[${index}]`, unknownFields));
  checkToolResults(messages);
  return messages;
}

function decodeMessage(value: JsonValue, path: string, unknownFields: string[]): Message {
  const original = requireObject(value, path);
  const role = requireWord(original['role'], `${path}.role`, [
    'system',
    'developer',
    'user',
    'assistant',
    'tool',
    'function',
  ]) as Message['role'] | 'function';
  if (role === 'function') {
    throw new GatewayError('unsupported_parameter', '`function` messages are not supported: use `tool` messages', {
      param: `${path}.role`,
    });
  }
  noteUnknown(withoutEmptyOutputs(original), KNOWN_MESSAGE[role], path, unknownFields);
  const name = optionalString(original['name'], `${path}.name`);
  if (role === 'assistant') return decodeAssistant(original, path, name, unknownFields);
  const content = decodeContent(original['content'], role, `${path}.content`, unknownFields);
  if (role !== 'tool') return { role, path, original, name, content };
  const toolCallId = requireString(original['tool_call_id'], `${path}.tool_call_id`);
  return { role, path, original, name, toolCallId, content };
}

/** SDKs send an answer back with empty members that only an answer has; they ask for nothing. */
function withoutEmptyOutputs(message: JsonObject): JsonObject {
  if (!('annotations' in message)) return message;
  const { annotations, ...rest } = message;
  return Array.isArray(annotations) && annotations.length === 0 ? rest : message;
}

function decodeAssistant(
  original: JsonObject,
  path: string,
  name: string | null,
  unknownFields: string[],
): AssistantMessage {
  const content =
    original['content'] === null || original['content'] === undefined
      ? []
      : [...decodeContent(original['content'], 'assistant', `${path}.content`, unknownFields)];
  const refusal = optionalString(original['refusal'], `${path}.refusal`);
  if (refusal !== null) content.push({ type: 'refusal', refusal });
  const calls = original['tool_calls'];
  const toolCalls =
    calls === undefined || calls === null
      ? []
      : requireArray(calls, `${path}.tool_calls`).map((call, index) =>
          decodeToolCall(call, index, `${path}.tool_calls[${index}]`, unknownFields),
        );
  if (content.length === 0 && toolCalls.length === 0) {
    throw new GatewayError('invalid_messages', `\`${path}\` has neither content nor tool calls`, {
      param: `${path}.content`,
    });
  }
  const reasoning = optionalString(original['reasoning_content'], `${path}.reasoning_content`);
  return { role: 'assistant', path, original, name, content, toolCalls, reasoning };
}

function decodeToolCall(value: JsonValue, position: number, path: string, unknownFields: string[]): ToolCall {
  const call = requireObject(value, path);
  requireWord(call['type'] ?? 'function', `${path}.type`, ['function']);
  noteUnknown(call, KNOWN_TOOL_CALL, path, unknownFields);
  // An index equal to the position says nothing new; another one would be a meaning we cannot carry.
  if (call['index'] !== undefined && call['index'] !== position) unknownFields.push(`${path}.index`);
  const called = requireObject(call['function'], `${path}.function`);
  noteUnknown(called, KNOWN_NAME_AND_ARGUMENTS, `${path}.function`, unknownFields);
  return {
    id: requireString(call['id'], `${path}.id`),
    name: requireString(called['name'], `${path}.function.name`),
    arguments: requireString(called['arguments'], `${path}.function.arguments`),
  };
}

function decodeContent(
  value: JsonValue | undefined,
  role: Message['role'],
  path: string,
  unknownFields: string[],
): readonly ContentPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) {
    throw new GatewayError('invalid_type', `\`${path}\` must be a string or an array of parts`, { param: path });
  }
  const parts = requireArray(value, path);
  if (parts.length === 0) {
    throw new GatewayError('invalid_messages', `\`${path}\` is empty: send text or at least one part`, { param: path });
  }
  return parts.map((part, index) => decodePart(part, role, `${path}[${index}]`, unknownFields));
}

function decodePart(value: JsonValue, role: Message['role'], path: string, unknownFields: string[]): ContentPart {
  const part = requireObject(value, path);
  const type = requireWord(part['type'], `${path}.type`, PARTS[role]);
  const known = KNOWN_PART[type];
  if (known) noteUnknown(part, known, path, unknownFields);
  switch (type) {
    case 'text':
      return { type: 'text', text: requireString(part['text'], `${path}.text`) };
    case 'refusal':
      return { type: 'refusal', refusal: requireString(part['refusal'], `${path}.refusal`) };
    case 'image_url':
      return decodeImage(requireObject(part['image_url'], `${path}.image_url`), `${path}.image_url`, unknownFields);
    case 'input_audio':
      return decodeAudio(
        requireObject(part['input_audio'], `${path}.input_audio`),
        `${path}.input_audio`,
        unknownFields,
      );
    case 'file':
      return decodeFile(part, requireObject(part['file'], `${path}.file`), `${path}.file`, unknownFields);
    default:
      return { type: 'native', native: part };
  }
}

const FILE_DATA = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/]+={0,2})$/;

function decodeAudio(audio: JsonObject, path: string, unknownFields: string[]): ContentPart {
  noteUnknown(audio, new Set(['data', 'format']), path, unknownFields);
  const format = requireWord(audio['format'], `${path}.format`, ['wav', 'mp3']);
  return { type: 'audio', mediaType: `audio/${format}`, base64: requireString(audio['data'], `${path}.data`) };
}

/** A file by its id lies at the vendor: only this protocol can speak of it. */
function decodeFile(part: JsonObject, file: JsonObject, path: string, unknownFields: string[]): ContentPart {
  noteUnknown(file, new Set(['file_data', 'filename', 'file_id']), path, unknownFields);
  const data = FILE_DATA.exec(optionalString(file['file_data'], `${path}.file_data`) ?? '');
  if (data?.[1] === undefined || data[2] === undefined || (file['file_id'] ?? null) !== null) {
    return { type: 'native', native: part };
  }
  const filename = optionalString(file['filename'], `${path}.filename`);
  return { type: 'file', source: { kind: 'data', mediaType: data[1], base64: data[2] }, filename };
}

function decodeImage(image: JsonObject, path: string, unknownFields: string[]): ImagePart {
  noteUnknown(image, KNOWN_IMAGE_URL, path, unknownFields);
  const url = requireString(image['url'], `${path}.url`);
  const detail =
    image['detail'] === undefined || image['detail'] === null
      ? null
      : (requireWord(image['detail'], `${path}.detail`, ['auto', 'low', 'high', 'original']) as ImageDetail);
  if (url.startsWith('https://')) return { type: 'image', source: { kind: 'url', url }, detail };
  const data = DATA_URL.exec(url);
  if (data?.[1] === undefined || data[2] === undefined) {
    throw new GatewayError(
      'url_forbidden',
      `\`${path}.url\` must be an https URL or a base64 data URL of a JPEG, PNG, GIF or WebP image`,
      {
        param: `${path}.url`,
      },
    );
  }
  return { type: 'image', source: { kind: 'data', mediaType: data[1], base64: data[2] }, detail };
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
