import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isSameJson } from './json-leaves.ts';
import { isSaid, type SentRequest } from './silence-sent.ts';

/** One piece of a sent conversation, with the role it is sent in. */
export interface SentPiece {
  readonly role: string;
  readonly piece: JsonObject;
}

/** Reads a sent conversation piece by piece beside the client's messages, noting what stands for which leaf. */
export class SentCursor {
  readonly found = new Map<string, JsonValue>();
  readonly #pieces: readonly SentPiece[];
  readonly #system: readonly string[];
  readonly #sent: SentRequest;
  readonly #usedSystem = new Set<number>();
  #position = 0;
  #systemPosition = 0;

  constructor(pieces: readonly SentPiece[], system: readonly string[], sent: SentRequest) {
    this.#pieces = pieces;
    this.#system = system;
    this.#sent = sent;
  }

  /** Whether an adjustment speaks of the path. */
  isSaid(path: string): boolean {
    return isSaid(path, this.#sent.adjustments);
  }

  /** Whether an adjustment says that what stood there was left out. */
  isDropped(path: string): boolean {
    return this.#sent.adjustments.some(
      ({ param, kind, sent }) => param === path && kind === 'dropped' && sent === null,
    );
  }

  note(path: string, value: JsonValue | undefined): void {
    if (value !== undefined) this.found.set(path, value);
  }

  /** The next piece, if it is sent in this role. */
  next(role: string): JsonObject {
    const piece = this.#pieces[this.#position];
    if (piece?.role !== role) return {};
    this.#position++;
    return piece.piece;
  }

  /** Finds the next text beside the conversation that is this one. */
  takeSystem(text: string): string | undefined {
    const at = this.#system.findIndex((sent, index) => index >= this.#systemPosition && sent === text);
    if (at < 0) return undefined;
    this.#usedSystem.add(at);
    this.#systemPosition = at + 1;
    return text;
  }

  /** What was sent beyond the client's own, and not said. */
  extra(): readonly string[] {
    const { adjustments } = this.#sent;
    const added = this.#system.filter((_text, index) => !this.#usedSystem.has(index));
    const unexplained = added.filter((text) => !adjustments.some(({ sent }) => isSameJson(sent, text)));
    const emulated = adjustments.some(({ kind }) => kind === 'emulated') ? 1 : 0;
    const rest = this.#pieces.slice(this.#position).map(({ piece }) => JSON.stringify(piece));
    return [...unexplained.slice(emulated), ...rest].map((text) => `something was added, and nothing said: ${text}`);
  }
}

/** The texts of a client's content with the path of each part. */
export function partsOf(
  message: JsonObject,
  path: string,
): readonly { readonly path: string; readonly part: JsonObject }[] {
  const content = message['content'];
  const own =
    typeof content === 'string'
      ? [{ path: `${path}.content`, part: { type: 'plain', text: content } }]
      : Array.isArray(content)
        ? (content as readonly JsonObject[]).map((part, index) => ({ path: `${path}.content[${index}]`, part }))
        : [];
  const refusal = message['refusal'];
  return typeof refusal === 'string' ? [...own, { path: `${path}.refusal`, part: { type: 'refusal', refusal } }] : own;
}

/** Reads system and developer messages, which both vendors take beside the conversation as one list of texts. */
export function readSystem(cursor: SentCursor, message: JsonObject, path: string): void {
  let complete = true;
  for (const { path: at, part } of partsOf(message, path)) {
    if (cursor.isDropped(at)) continue;
    const text = cursor.takeSystem(part['text'] as string);
    complete &&= text !== undefined;
    if (part['type'] === 'plain') cursor.note(at, text);
    else {
      cursor.note(`${at}.text`, text);
      cursor.note(`${at}.type`, text === undefined ? undefined : 'text');
    }
  }
  cursor.note(`${path}.role`, complete ? message['role'] : undefined);
}
