import { isContent, type Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, StreamedEvent } from '../../core/client-dialect.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import { candorMember } from '../candor-member.ts';
import { spliceMembers } from '../spliced-members.ts';
import { usageMembers } from './members.ts';

const ID_KEY = Buffer.from('"responseId"');
/** `data: ` and the blank line of an event in its plainest form. */
const PLAIN_START = 6;
const PLAIN_END = 2;

interface HeldChunk {
  readonly native: JsonObject;
  readonly json: Buffer;
}

/**
 * The vendor's own chunks on their way to a client of the same protocol: their bytes, with our id. A chunk
 * that says how an answer ends waits until the next one has come or the upstream has ended: some models say
 * so with every chunk, and only the last one's word may reach the client.
 */
export class PassedChunks {
  readonly #id: string;
  readonly #idJson: Buffer;
  #held: HeldChunk | null = null;
  /** The endings that have been taken off chunks, by the candidate's index. */
  readonly #endings = new Map<number, JsonObject>();
  #usage: JsonObject | null = null;

  constructor(id: string) {
    this.#id = id;
    this.#idJson = Buffer.from(JSON.stringify(id));
  }

  /** The chunks that may go now, each in pieces. */
  take({ parts, event }: StreamedEvent, native: JsonObject): readonly (readonly Buffer[])[] {
    const { plain } = event;
    const json = plain === null ? Buffer.from(event.data) : plain.subarray(PLAIN_START, plain.length - PLAIN_END);
    this.#usage = objectMember(native, 'usageMetadata') ?? this.#usage;
    const ends = parts.some((part) => part.type === 'finish');
    if (!ends && !parts.some(isContent)) return [this.#withId(native, json)];
    const released = this.#release();
    if (!ends) return [...released, this.#withId(native, json)];
    this.#held = { native, json };
    return released;
  }

  /** The last chunk; `null` when the vendor's own never came. */
  finish(answer: Answer, envelope: AnswerEnvelope): Buffer | null {
    if (this.#held === null) return null;
    const { native, json } = this.#held;
    const candidates = arrayMember(native, 'candidates');
    const told = new Set(candidates.filter(isJsonObject).map(indexOf));
    const untold = [...this.#endings].filter(([index]) => !told.has(index)).map(([, ending]) => ending);
    const members: JsonObject = {
      ...(untold.length === 0 ? {} : { candidates: [...candidates, ...untold] }),
      ...usageMembers(answer, this.#usage, envelope),
      responseId: this.#id,
      candor: candorMember(envelope),
    };
    return spliceMembers(json, members) ?? Buffer.from(JSON.stringify({ ...native, ...members }));
  }

  /** The chunk that waited, without what it said of the end; none when it has nothing else to say. */
  #release(): readonly (readonly Buffer[])[] {
    const held = this.#held;
    if (held === null) return [];
    this.#held = null;
    const candidates = arrayMember(held.native, 'candidates').map((candidate) => this.#withoutEnding(candidate));
    if (!candidates.some((candidate) => isJsonObject(candidate) && candidate['content'] !== undefined)) return [];
    const members: JsonObject = { candidates, responseId: this.#id, candor: undefined };
    return [[spliceMembers(held.json, members) ?? Buffer.from(JSON.stringify({ ...held.native, ...members }))]];
  }

  #withoutEnding(candidate: JsonValue): JsonValue {
    if (!isJsonObject(candidate) || candidate['finishReason'] === undefined) return candidate;
    const { finishReason: _reason, finishMessage: _message, continuationToken: _token, ...rest } = candidate;
    const { content: _content, ...ending } = candidate;
    this.#endings.set(indexOf(candidate), { content: EMPTY_CONTENT, ...ending });
    return rest;
  }

  /** The chunk's own bytes with its id replaced; written anew where that cannot be done safely. */
  #withId(native: JsonObject, json: Buffer): readonly Buffer[] {
    const id = stringMember(native, 'responseId');
    if (id === null && native['candor'] === undefined) return [json];
    const key = json.indexOf(ID_KEY);
    // Inside a text the quotes would be escaped: standing once, it is the chunk's own.
    if (id !== null && native['candor'] === undefined && key >= 0 && json.indexOf(ID_KEY, key + 1) < 0) {
      const value = json.indexOf(JSON.stringify(id), key + ID_KEY.length);
      const between = json.toString('latin1', key + ID_KEY.length, value);
      if (value >= 0 && /^\s*:\s*$/.test(between)) {
        return [json.subarray(0, value), this.#idJson, json.subarray(value + Buffer.byteLength(JSON.stringify(id)))];
      }
    }
    const members: JsonObject = { responseId: this.#id, candor: undefined };
    return [spliceMembers(json, members) ?? Buffer.from(JSON.stringify({ ...native, ...members }))];
  }
}

/** SDKs take a chunk whose candidate has no part for a broken one. */
const EMPTY_CONTENT: JsonObject = { role: 'model', parts: [{ text: '' }] };

function indexOf(candidate: JsonObject): number {
  return numberMember(candidate, 'index') ?? 0;
}
