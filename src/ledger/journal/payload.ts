import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  numberMember,
  objectMember,
  parseJson,
  stringMember,
} from '../../core/json.ts';
import type { LedgerEvent } from '../../core/ledger-event.ts';
import type { GenerationRecord, IntentRecord } from '../../core/record.ts';
import type { PieceRun } from '../content/growing-body.ts';
import type { ChainPosition } from './journal.ts';

/** Where a record's bodies lie and what they must hash to. */
export interface ContentPointer {
  /** File name in `content/`. */
  readonly segment: string;
  /** Where the batch begins there. */
  readonly offset: number;
  /** Which record of the batch. */
  readonly index: number;
  /** In the order they lie there. `part`: the path in the public record, e.g. `attempts[0].sent`. */
  readonly bodies: readonly {
    readonly part: string;
    readonly bytes: number;
    readonly commitment: string;
    /** Where its beginning lies, when only its end lies here; else empty, and not written. */
    readonly pieces: readonly PieceRun[];
  }[];
}

/** What a journal frame holds. Members of the stored JSON keep the order they are written in. */
export type Payload =
  | { readonly type: 'intent'; readonly intent: JsonObject }
  | {
      readonly type: 'final';
      readonly record: JsonObject;
      readonly content: ContentPointer | null;
      /** The intent it answers, of a generation that got no final record of its own; else `null`. */
      readonly begun: Omit<ChainPosition, 'prev'> | null;
    }
  | { readonly type: 'event'; readonly event: WrittenEvent };

/** An event as a frame holds it: a later version may have written a kind that this one does not know. */
export interface WrittenEvent extends Omit<LedgerEvent, 'object'> {
  readonly object: string;
}

const INTENT_START = Buffer.from('{"type":"intent",');
const FINAL_START = Buffer.from('{"type":"final",');
const EVENT_START = Buffer.from('{"type":"event",');

/** The stored form of an intent. */
export function encodeIntent(intent: IntentRecord): string {
  return `{"type":"intent","intent":${JSON.stringify(intent)}}`;
}

/** The stored form of a final record. @param record its JSON, made when it was handed in, so that later changes do not count */
export function encodeFinal(record: string, content: ContentPointer | null): string {
  return `{"type":"final","record":${record},"content":${content === null ? 'null' : encodePointer(content)}}`;
}

/**
 * The stored form of the final record of a generation whose own one never came.
 * @param begun where its intent stands: in the chain of the writer that ended before it could finish
 */
export function encodeInterrupted(record: JsonObject, begun: ChainPosition): string {
  const { writer, seq, hash } = begun;
  return JSON.stringify({ type: 'final', record, content: null, begun: { writer, seq, hash } });
}

/** The stored form of an event. @param carriedAt when it was written anew because its segment was to be deleted; `null`: it is written for the first time */
export function encodeEvent({ id, object, created_at, body }: WrittenEvent, carriedAt: string | null): string {
  const event = { id, object, created_at, body };
  return JSON.stringify({ type: 'event', event, ...(carriedAt === null ? {} : { carried_at: carriedAt }) });
}

/** By hand: every text in a pointer is one of ours, letters, digits and brackets, and this runs for each answer. */
function encodePointer({ segment, offset, index, bodies }: ContentPointer): string {
  let list = '';
  for (const { part, bytes, commitment, pieces } of bodies) {
    if (list !== '') list += ',';
    list += `{"part":"${part}","bytes":${bytes},"commitment":"${commitment}"`;
    list += pieces.length === 0 ? '}' : `,"pieces":${JSON.stringify(pieces)}}`;
  }
  return `{"segment":"${segment}","offset":${offset},"index":${index},"bodies":[${list}]}`;
}

/** The JSON of a record as `encodeFinal` takes it. */
export function encodeRecord(record: GenerationRecord): string {
  return JSON.stringify(record);
}

/** Whether stored bytes are an intent, told by how they begin. */
export function isIntent(stored: Buffer): boolean {
  return stored.subarray(0, INTENT_START.length).equals(INTENT_START);
}

/** Whether stored bytes are a final record, told by how they begin. */
export function isFinal(stored: Buffer): boolean {
  return stored.subarray(0, FINAL_START.length).equals(FINAL_START);
}

/** Whether stored bytes are an event, told by how they begin. */
export function isEvent(stored: Buffer): boolean {
  return stored.subarray(0, EVENT_START.length).equals(EVENT_START);
}

/** What stored bytes say; `null` for a type this version does not know. */
export function decodePayload(text: string): Payload | null {
  const value = parseJson(text);
  if (!isJsonObject(value)) return null;
  const intent = objectMember(value, 'intent');
  if (value['type'] === 'intent' && intent !== null) return { type: 'intent', intent };
  if (value['type'] === 'event') return decodeEvent(objectMember(value, 'event') ?? {});
  const record = objectMember(value, 'record');
  if (value['type'] !== 'final' || record === null) return null;
  const content = objectMember(value, 'content');
  const begun = objectMember(value, 'begun');
  return {
    type: 'final',
    record,
    content: content === null ? null : decodePointer(content),
    begun: begun === null ? null : decodeBegun(begun),
  };
}

function decodeEvent(event: JsonObject): Payload | null {
  const id = stringMember(event, 'id');
  const object = stringMember(event, 'object');
  const createdAt = stringMember(event, 'created_at');
  const body = objectMember(event, 'body');
  if (id === null || object === null || createdAt === null || body === null) return null;
  return { type: 'event', event: { id, object, created_at: createdAt, body } };
}

function decodeBegun(begun: JsonObject): Omit<ChainPosition, 'prev'> {
  return {
    writer: stringMember(begun, 'writer') ?? '',
    seq: numberMember(begun, 'seq') ?? 0,
    hash: stringMember(begun, 'hash') ?? '',
  };
}

function decodePointer(content: JsonObject): ContentPointer {
  return {
    segment: stringMember(content, 'segment') ?? '',
    offset: numberMember(content, 'offset') ?? 0,
    index: numberMember(content, 'index') ?? 0,
    bodies: arrayMember(content, 'bodies')
      .filter(isJsonObject)
      .map((body) => ({
        part: stringMember(body, 'part') ?? '',
        bytes: numberMember(body, 'bytes') ?? 0,
        commitment: stringMember(body, 'commitment') ?? '',
        pieces: arrayMember(body, 'pieces').filter(isJsonObject).map(decodeRun),
      })),
  };
}

function decodeRun(run: JsonObject): PieceRun {
  const offsets = arrayMember(run, 'offsets').filter((offset) => typeof offset === 'number');
  return { segment: stringMember(run, 'segment') ?? '', offsets };
}
