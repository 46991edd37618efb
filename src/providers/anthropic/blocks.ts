import type { ContentPart, FilePart, MediaSource } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { breakpointPath } from '../../core/part-path.ts';
import type { AnthropicBlock } from '../../wire/anthropic.ts';
import type { MessageAdjustments } from '../message-adjustments.ts';

/** How many places of a prompt the vendor caches up to. */
const MAX_BREAKPOINTS = 4;

/** Encodes the parts of one request. */
export class BlockEncoder {
  readonly #adjustments: MessageAdjustments;
  /** The parts up to which the prompt is cached: the vendor takes a few, and the last ones save the most. */
  readonly #breakpoints: ReadonlySet<ContentPart>;

  constructor(parts: readonly ContentPart[], adjustments: MessageAdjustments) {
    this.#adjustments = adjustments;
    this.#breakpoints = new Set(parts.filter((part) => part.cacheBreakpoint).slice(-MAX_BREAKPOINTS));
  }

  /** The block of a part; none for an empty text, which the vendor does not take. */
  encode(part: ContentPart, path: string): readonly AnthropicBlock[] {
    this.#adjustments.flatten(part, path);
    if (part.type === 'text' && part.text === '') {
      this.#adjustments.drop(path, '', 'this vendor takes no empty text');
      return [];
    }
    const block = encodePart(part);
    if (part.cacheBreakpoint !== true) return [block];
    if (this.#breakpoints.has(part)) return [{ ...block, cache_control: { type: 'ephemeral' } }];
    const reason = `this vendor caches up to ${MAX_BREAKPOINTS} places`;
    this.#adjustments.drop(breakpointPath(part, path), true, reason);
    return [block];
  }
}

function encodePart(part: ContentPart): AnthropicBlock {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'image':
      return { type: 'image', source: encodeSource(part.source) };
    case 'file':
      return encodeDocument(part);
    case 'audio':
    case 'native':
      // The plan has left out every candidate that lacks the part's feature, and this vendor lacks both.
      throw new TypeError('a part of the client’s own protocol cannot be sent to Anthropic');
  }
}

function encodeSource(source: MediaSource): JsonObject {
  return source.kind === 'url'
    ? { type: 'url', url: source.url }
    : { type: 'base64', media_type: source.mediaType, data: source.base64 };
}

/** The vendor takes plain text as text; whatever else it takes comes as bytes. */
function encodeDocument({ source, filename }: FilePart): AnthropicBlock {
  const title = filename === null ? {} : { title: filename };
  if (source.kind === 'url' || source.mediaType !== 'text/plain') {
    return { type: 'document', source: encodeSource(source), ...title };
  }
  const data = Buffer.from(source.base64, 'base64').toString('utf8');
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...title };
}
