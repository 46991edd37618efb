import type { ContentPart, MediaSource } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';

const TEXT = knownMembers('type text cache_control', 'citations');
const IMAGE = knownMembers('type source cache_control', 'transformations');
const DOCUMENT = knownMembers('type source title cache_control', 'citations context');
const CACHE_CONTROL = knownMembers('type', 'ttl');
const SOURCE = knownMembers('type media_type data url file_id content');
const IMAGE_TYPE = /^image\/(?:jpeg|png|gif|webp)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A block with where it stands. */
export interface PlacedBlock {
  readonly block: JsonObject;
  readonly at: string;
}

/** The blocks of a content; a plain text is one block, at the path of the content. @throws GatewayError */
export function blocksOf(value: JsonValue | undefined, path: string): readonly PlacedBlock[] {
  if (typeof value === 'string') return [{ block: { type: 'text', text: value }, at: path }];
  if (!Array.isArray(value)) {
    throw new GatewayError('invalid_type', `\`${path}\` must be a string or an array of blocks`, { param: path });
  }
  return requireArray(value, path).map((entry, index) => {
    const at = `${path}[${index}]`;
    return { block: requireObject(entry, at), at };
  });
}

/**
 * Decodes a block of what people, tools and systems say. One that other protocols have no part for
 * is carried as it came. @throws GatewayError
 */
export function decodeBlock(value: JsonValue, path: string, findings: Findings): ContentPart {
  const block = requireObject(value, path);
  switch (requireString(block['type'], `${path}.type`)) {
    case 'text':
      noteMembers(block, TEXT, path, findings);
      return {
        type: 'text',
        text: requireString(block['text'], `${path}.text`),
        path,
        ...cacheBreakpoint(block, path, findings),
      };
    case 'image':
      return decodeImage(block, path, findings);
    case 'document':
      return decodeDocument(block, path, findings);
    default:
      return { type: 'native', native: block, path };
  }
}

function decodeImage(block: JsonObject, path: string, findings: Findings): ContentPart {
  const source = decodeSource(block, path);
  if (source === null) return { type: 'native', native: block, path };
  noteMembers(block, IMAGE, path, findings);
  if (source.kind === 'data' && !IMAGE_TYPE.test(source.mediaType)) {
    throw new GatewayError(
      'param_out_of_range',
      `\`${path}.source.media_type\` must be a JPEG, PNG, GIF or WebP image`,
      {
        param: `${path}.source.media_type`,
      },
    );
  }
  return { type: 'image', source, detail: null, path, ...cacheBreakpoint(block, path, findings) };
}

function decodeDocument(block: JsonObject, path: string, findings: Findings): ContentPart {
  const source = decodeSource(block, path);
  if (source === null) return { type: 'native', native: block, path };
  const { citations, ...rest } = block;
  // Citations that are off are what there is without them.
  const isOff = JSON.stringify(citations) === '{"enabled":false}';
  noteMembers(isOff ? rest : block, DOCUMENT, path, findings);
  const filename = optionalString(block['title'], `${path}.title`);
  findings.parameterPaths[`${path}.file.filename`] = `${path}.title`;
  return { type: 'file', source, filename, path, ...cacheBreakpoint(block, path, findings) };
}

/** Whether the prompt is to be cached up to the block; for how long, beyond what is usual, only this protocol can say. */
export function cacheBreakpoint(
  block: JsonObject,
  path: string,
  findings: Findings,
): { readonly cacheBreakpoint?: true } {
  const at = `${path}.cache_control`;
  const control = optionalObject(block['cache_control'], at);
  if (control === null) return {};
  requireWord(control['type'], `${at}.type`, ['ephemeral']);
  noteMembers(control['ttl'] === '5m' ? { ...control, ttl: null } : control, CACHE_CONTROL, at, findings);
  return { cacheBreakpoint: true };
}

/** Bytes, text or an address; `null` for what lies at the vendor, or is made of further blocks. */
function decodeSource(block: JsonObject, path: string): MediaSource | null {
  const at = `${path}.source`;
  const source = requireObject(block['source'], at);
  if (Object.keys(source).some((name) => source[name] !== null && !SOURCE.read.has(name))) return null;
  const text = (member: string): string => requireString(source[member], `${at}.${member}`);
  switch (source['type']) {
    case 'base64': {
      const base64 = text('data');
      if (!BASE64.test(base64)) {
        throw new GatewayError('invalid_request', `\`${at}.data\` is not base64`, { param: `${at}.data` });
      }
      return { kind: 'data', mediaType: text('media_type'), base64 };
    }
    case 'text':
      return { kind: 'data', mediaType: text('media_type'), base64: Buffer.from(text('data')).toString('base64') };
    case 'url': {
      const url = text('url');
      if (url.startsWith('https://')) return { kind: 'url', url };
      throw new GatewayError('url_forbidden', `\`${at}.url\` must be an https URL`, { param: `${at}.url` });
    }
    default:
      return null;
  }
}
