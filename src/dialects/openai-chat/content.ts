import type { ContentPart, ImageDetail, ImagePart, Message } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  noteUnknown,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';

/** Which parts a message of each role can hold (API reference); images in tool results are some vendors' addition. */
const PARTS: Readonly<Record<Message['role'], readonly string[]>> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text', 'image_url'],
};
const BREAKPOINT = 'prompt_cache_breakpoint';
const KNOWN_PART: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(['type', 'text', BREAKPOINT]),
  image_url: new Set(['type', 'image_url', BREAKPOINT]),
  refusal: new Set(['type', 'refusal']),
  input_audio: new Set(['type', 'input_audio', BREAKPOINT]),
  file: new Set(['type', 'file', BREAKPOINT]),
};
const KNOWN_IMAGE_URL = new Set(['url', 'detail']);
/** The image types every vendor takes. */
const DATA_URL = /^data:(image\/(?:jpeg|png|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;
const FILE_DATA = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/]+={0,2})$/;

/** Decodes the content of a message. Unknown members' paths go to `unknownFields`. @throws GatewayError */
export function decodeContent(
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
  return parts.map((entry, index) => {
    const at = `${path}[${index}]`;
    const part = requireObject(entry, at);
    const decoded = decodePart(part, role, at, unknownFields);
    return hasBreakpoint(part, `${at}.${BREAKPOINT}`, unknownFields) ? { ...decoded, cacheBreakpoint: true } : decoded;
  });
}

function decodePart(part: JsonObject, role: Message['role'], path: string, unknownFields: string[]): ContentPart {
  const type = requireWord(part['type'], `${path}.type`, PARTS[role]);
  noteUnknown(part, KNOWN_PART[type] ?? new Set(), path, unknownFields);
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
    default:
      return decodeFile(part, requireObject(part['file'], `${path}.file`), `${path}.file`, unknownFields);
  }
}

/** Whether the prompt is to be cached up to this part. */
function hasBreakpoint(part: JsonObject, path: string, unknownFields: string[]): boolean {
  const value = part[BREAKPOINT] ?? null;
  if (value === null) return false;
  const breakpoint = requireObject(value, path);
  requireWord(breakpoint['mode'], `${path}.mode`, ['explicit']);
  noteUnknown(breakpoint, new Set(['mode']), path, unknownFields);
  return true;
}

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
