import type { ExtraContent } from '../../core/chat.ts';
import {
  arrayMember,
  isJsonObject,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { isThinking, thinkingContent } from './thinking-blocks.ts';

/** So much of a stream's plain content is kept while the vendor uses no tools of its own. */
const MAX_PLAIN_CHARACTERS = 64 * 1024;
/** So much of its thinking, and of all its blocks where it does. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

const PIECES = ['text', 'thinking', 'signature', 'partial_json'] as const;

interface OpenBlock {
  readonly start: JsonObject;
  /** What its deltas bring, by the member they belong to. */
  readonly pieces: Readonly<Record<(typeof PIECES)[number], string[]>>;
  readonly citations: JsonValue[];
}

/**
 * The blocks of a stream, put together again as far as the vendor wants them back: its thinking always, all
 * of them where it pauses. It pauses only while it uses tools of its own, so that of a long answer without
 * them nothing but the thinking is kept.
 */
export class StreamedBlocks {
  readonly #blocks: OpenBlock[] = [];
  readonly #byIndex = new Map<number, OpenBlock>();
  #usesOwnTools = false;
  #plainCharacters = 0;
  #thinkingCharacters = 0;

  start(index: number, start: JsonObject): void {
    this.#usesOwnTools ||= start['type'] === 'server_tool_use';
    const pieces = { text: [], thinking: [], signature: [], partial_json: [] };
    const block = { start, pieces, citations: [] };
    this.#blocks.push(block);
    this.#byIndex.set(index, block);
  }

  delta(index: number, delta: JsonObject): void {
    const block = this.#byIndex.get(index);
    if (block === undefined) return;
    for (const name of PIECES) {
      const piece = stringMember(delta, name);
      if (piece !== null && this.#mayKeep(block, piece.length)) block.pieces[name].push(piece);
    }
    const citation = delta['citation'];
    if (isJsonObject(citation) && this.#mayKeep(block, JSON.stringify(citation).length)) block.citations.push(citation);
  }

  /** Counts what comes, and says whether there is still room for it. */
  #mayKeep(block: OpenBlock, characters: number): boolean {
    if (isThinking(block.start)) return (this.#thinkingCharacters += characters) <= MAX_CHARACTERS;
    this.#plainCharacters += characters;
    return this.#plainCharacters <= (this.#usesOwnTools ? MAX_CHARACTERS : MAX_PLAIN_CHARACTERS);
  }

  /** What is to come back with the answer; `null`: nothing, or more than is kept. */
  get extraContent(): ExtraContent | null {
    return this.#thinkingCharacters > MAX_CHARACTERS ? null : thinkingContent(this.#closed());
  }

  /** All blocks, for a vendor that has paused; `null`: there were more than are kept. */
  get resumable(): JsonValue | null {
    const limit = this.#usesOwnTools ? MAX_CHARACTERS : MAX_PLAIN_CHARACTERS;
    return this.#plainCharacters > limit || this.#thinkingCharacters > MAX_CHARACTERS ? null : this.#closed();
  }

  #closed(): readonly JsonObject[] {
    return this.#blocks.map(({ start, pieces, citations }) => {
      const written = pieces.partial_json.join('');
      return {
        ...start,
        ...joined('text', start, pieces.text),
        ...joined('thinking', start, pieces.thinking),
        ...joined('signature', start, pieces.signature),
        ...(written === '' ? {} : { input: parseJson(written) ?? {} }),
        ...(citations.length === 0 ? {} : { citations: [...arrayMember(start, 'citations'), ...citations] }),
      };
    });
  }
}

function joined(name: string, start: JsonObject, pieces: readonly string[]): JsonObject {
  return pieces.length === 0 ? {} : { [name]: (stringMember(start, name) ?? '') + pieces.join('') };
}
