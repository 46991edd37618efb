import type { ContentPart, ImageDetail, MediaSource } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { optionalString, requireArray, requireObject, requireString, requireWord } from '../member-checks.ts';

const PARTS = {
  input_text: knownMembers('type text prompt_cache_breakpoint'),
  input_image: knownMembers('type image_url detail prompt_cache_breakpoint'),
  input_file: knownMembers('type file_data file_url filename prompt_cache_breakpoint', 'detail'),
  input_audio: knownMembers('type input_audio'),
  // What log probabilities an answer came with was for the client.
  output_text: knownMembers('type text logprobs', 'annotations'),
  refusal: knownMembers('type refusal'),
} as const;

/** Who or what says the parts: what they may be depends on it. */
export type Speaker = 'user' | 'system' | 'assistant' | 'tool';

const SAID_BY: Readonly<Record<Speaker, readonly string[]>> = {
  user: ['input_text', 'input_image', 'input_file', 'input_audio'],
  system: ['input_text'],
  assistant: ['output_text', 'refusal', 'input_text'],
  tool: ['input_text', 'input_image', 'input_file'],
};

/** Decodes a text or a list of parts. @throws GatewayError */
export function decodeContent(
  value: JsonValue | undefined,
  speaker: Speaker,
  path: string,
  findings: Findings,
): readonly ContentPart[] {
  if (typeof value === 'string') return [{ type: 'text', text: value, path }];
  if (!Array.isArray(value)) {
    throw new GatewayError('invalid_type', `\`${path}\` must be a string or an array of parts`, { param: path });
  }
  const parts = requireArray(value, path);
  if (parts.length === 0 && speaker !== 'assistant') {
    throw new GatewayError('invalid_messages', `\`${path}\` is empty: send text or at least one part`, { param: path });
  }
  return parts.map((part, index) => decodePart(part, speaker, `${path}[${index}]`, findings));
}

function decodePart(value: JsonValue, speaker: Speaker, path: string, findings: Findings): ContentPart {
  const part = requireObject(value, path);
  const type = requireWord(part['type'], `${path}.type`, SAID_BY[speaker]) as keyof typeof PARTS;
  const base = { path, ...cacheBreakpoint(part, path, findings) };
  switch (type) {
    case 'input_text':
    case 'output_text':
      noteMembers(withoutNoAnnotations(part), PARTS[type], path, findings);
      if ((part['logprobs'] ?? null) !== null) requireArray(part['logprobs'], `${path}.logprobs`);
      return { ...base, type: 'text', text: requireString(part['text'], `${path}.text`) };
    case 'refusal':
      noteMembers(part, PARTS[type], path, findings);
      return { ...base, type: 'refusal', refusal: requireString(part['refusal'], `${path}.refusal`) };
    case 'input_image':
      return { ...base, ...decodeImage(part, path, findings) };
    case 'input_file':
      return { ...base, ...decodeFile(part, path, findings) };
    case 'input_audio':
      noteMembers(part, PARTS[type], path, findings);
      return { ...base, ...decodeAudio(requireObject(part['input_audio'], `${path}.input_audio`), path, findings) };
  }
}

/** An answer that comes back has a list that only answers have; empty, it says nothing. */
function withoutNoAnnotations(part: JsonObject): JsonObject {
  const { annotations, ...rest } = part;
  return Array.isArray(annotations) && annotations.length === 0 ? rest : part;
}

function cacheBreakpoint(part: JsonObject, path: string, findings: Findings): { readonly cacheBreakpoint?: true } {
  const asked = part['prompt_cache_breakpoint'] ?? null;
  if (asked === null) return {};
  const said = isJsonObject(asked) ? Object.entries(asked).filter(([, value]) => value !== null) : [];
  if (JSON.stringify(said) === '[["mode","explicit"]]') return { cacheBreakpoint: true };
  findings.protocolFields.push(`${path}.prompt_cache_breakpoint`);
  return {};
}

/** The image types every vendor takes. */
const IMAGE_DATA = /^data:(image\/(?:jpeg|png|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;
const FILE_DATA = /^data:([\w.+-]+\/[\w.+-]+);base64,([A-Za-z0-9+/]+={0,2})$/;

/** A file by its id lies at the vendor: only its own protocol can speak of it. */
function decodeImage(part: JsonObject, path: string, findings: Findings): ContentPart {
  if ((part['file_id'] ?? null) !== null) return { type: 'native', native: part };
  const { file_id: _none, ...rest } = part;
  noteMembers(rest, PARTS.input_image, path, findings);
  const url = requireString(part['image_url'], `${path}.image_url`);
  const asked = part['detail'] ?? null;
  findings.parameterPaths[`${path}.image_url.detail`] = `${path}.detail`;
  const detail =
    asked === null ? null : (requireWord(asked, `${path}.detail`, ['auto', 'low', 'high', 'original']) as ImageDetail);
  return { type: 'image', source: imageSource(url, `${path}.image_url`), detail };
}

function decodeFile(part: JsonObject, path: string, findings: Findings): ContentPart {
  if ((part['file_id'] ?? null) !== null) return { type: 'native', native: part };
  const { file_id: _none, ...rest } = part;
  noteMembers(rest, PARTS.input_file, path, findings);
  const filename = optionalString(part['filename'], `${path}.filename`);
  findings.parameterPaths[`${path}.file.filename`] = `${path}.filename`;
  const data = optionalString(part['file_data'], `${path}.file_data`);
  const url = optionalString(part['file_url'], `${path}.file_url`);
  if ((data === null) === (url === null)) {
    throw new GatewayError('invalid_request', `\`${path}\` must have either \`file_data\` or \`file_url\``, {
      param: path,
    });
  }
  return { type: 'file', source: data === null ? fileAt(url ?? '', path) : fileData(data, path), filename };
}

function fileAt(url: string, path: string): MediaSource {
  if (url.startsWith('https://')) return { kind: 'url', url };
  throw new GatewayError('url_forbidden', `\`${path}.file_url\` must be an https URL`, { param: `${path}.file_url` });
}

function fileData(data: string, path: string): MediaSource {
  const found = FILE_DATA.exec(data);
  if (found?.[1] !== undefined && found[2] !== undefined) {
    return { kind: 'data', mediaType: found[1], base64: found[2] };
  }
  throw new GatewayError('invalid_request', `\`${path}.file_data\` must be a base64 data URL with its media type`, {
    param: `${path}.file_data`,
  });
}

function decodeAudio(audio: JsonObject, path: string, findings: Findings): ContentPart {
  noteMembers(audio, knownMembers('data format'), `${path}.input_audio`, findings);
  const format = requireWord(audio['format'], `${path}.input_audio.format`, ['wav', 'mp3']);
  const base64 = requireString(audio['data'], `${path}.input_audio.data`);
  return { type: 'audio', mediaType: `audio/${format}`, base64 };
}

function imageSource(url: string, path: string): MediaSource {
  if (url.startsWith('https://')) return { kind: 'url', url };
  const found = IMAGE_DATA.exec(url);
  if (found?.[1] !== undefined && found[2] !== undefined) {
    return { kind: 'data', mediaType: found[1], base64: found[2] };
  }
  throw new GatewayError(
    'url_forbidden',
    `\`${path}\` must be an https URL or a base64 data URL of a JPEG, PNG, GIF or WebP image`,
    { param: path },
  );
}
