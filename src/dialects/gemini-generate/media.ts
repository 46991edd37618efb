import type { ContentPart } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { requireObject, requireString } from '../member-checks.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';

const BLOB = knownMembers('mimeType data', 'displayName');
const FILE = knownMembers('mimeType fileUri', 'displayName');
/** Types that other vendors take as well; whatever else this protocol can carry passes within it only. */
const IMAGE = /^image\/(?:jpeg|png|gif|webp)$/;
const AUDIO: Readonly<Record<string, string>> = {
  'audio/wav': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/mp3': 'audio/mp3',
  'audio/mpeg': 'audio/mp3',
};
const DOCUMENT = 'application/pdf';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Addresses of the vendor's own, which mean something to it alone: uploaded files and videos. */
const VENDOR_ADDRESS =
  /^https:\/\/(?:[\w.-]+\.googleapis\.com|storage\.cloud\.google\.com|(?:www\.)?youtube\.com|youtu\.be)\//;

/** Decodes bytes that stand in the request. @throws GatewayError */
export function decodeInlineData(part: JsonObject, blob: JsonObject, path: string, found: UnplacedFields): ContentPart {
  const fields = new Fields(blob, path, BLOB, found);
  const mediaType = requireString(fields.value('mimeType'), fields.path('mimeType')).toLowerCase();
  const base64 = requireString(fields.value('data'), fields.path('data'));
  const audioType = Object.hasOwn(AUDIO, mediaType) ? AUDIO[mediaType] : undefined;
  // The vendor takes base64 of URLs too; what others would not read stays with it.
  if (!BASE64.test(base64)) return { type: 'native', native: part, path };
  if (IMAGE.test(mediaType)) return { type: 'image', source: { kind: 'data', mediaType, base64 }, detail: null, path };
  if (audioType !== undefined) return { type: 'audio', mediaType: audioType, base64, path };
  if (mediaType === DOCUMENT)
    return { type: 'file', source: { kind: 'data', mediaType, base64 }, filename: null, path };
  return { type: 'native', native: part, path };
}

/** Decodes an address, which is passed on: Candor fetches nothing. @throws GatewayError `url_forbidden` */
export function decodeFileData(part: JsonObject, file: JsonObject, path: string, found: UnplacedFields): ContentPart {
  const fields = new Fields(file, path, FILE, found);
  const url = requireString(fields.value('fileUri'), fields.path('fileUri'));
  const type = fields.value('mimeType');
  const mediaType = type === undefined ? '' : requireString(type, fields.path('mimeType')).toLowerCase();
  if (!/^(?:https|gs):\/\//.test(url)) {
    const param = fields.path('fileUri');
    throw new GatewayError('url_forbidden', `\`${param}\` must be an https or gs address`, { param });
  }
  if (!url.startsWith('https://') || VENDOR_ADDRESS.test(url)) return { type: 'native', native: part, path };
  if (IMAGE.test(mediaType)) return { type: 'image', source: { kind: 'url', url }, detail: null, path };
  if (mediaType === DOCUMENT) return { type: 'file', source: { kind: 'url', url }, filename: null, path };
  return { type: 'native', native: part, path };
}

/** The media of a part, if it is one; `null` for any other. @throws GatewayError */
export function decodeMedia(part: JsonObject, fields: Fields, found: UnplacedFields): ContentPart | null {
  const blob = fields.value('inlineData');
  if (blob !== undefined) {
    const path = fields.path('inlineData');
    return decodeInlineData(part, requireObject(blob, path), path, found);
  }
  const file = fields.value('fileData');
  if (file === undefined) return null;
  const path = fields.path('fileData');
  return decodeFileData(part, requireObject(file, path), path, found);
}
