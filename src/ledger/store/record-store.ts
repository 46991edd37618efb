import type { SegmentFrame, SegmentPlace } from '../journal/journal-reader.ts';
import type { JsonObject } from '../../core/json.ts';
import type { WrittenEvent } from '../journal/payload.ts';
import type { EventQuery } from './event-query.ts';
import type { GenerationQuery } from './generation-query.ts';
import type { StoredRow } from './store-protocol.ts';

/** A frame read back, and the final record or the intent in it. */
export interface RecordFrame {
  readonly writer: string;
  readonly frame: SegmentFrame;
  readonly record: JsonObject;
}

/** A frame read back, and the event in it. */
export interface EventFrame {
  readonly writer: string;
  readonly frame: SegmentFrame;
  readonly event: WrittenEvent;
}

/** What a stretch of a segment holds, each kind in its order there. An intent stands before its final. */
export interface RecordFrames {
  readonly intents: readonly RecordFrame[];
  readonly finals: readonly RecordFrame[];
  readonly events: readonly EventFrame[];
}

/** What keeps the final records and the events for look-ups, and the intents that still lack their final. Not shared between threads; every call is synchronous. */
export interface RecordStore {
  /** How far a segment was taken over; `null`: not begun. */
  shippedTo(segment: string): SegmentPlace | null;
  /** Takes over the records up to `place`, all or none. Records it has already are left as they are. @throws Error */
  take(segment: string, frames: RecordFrames, place: SegmentPlace): void;
  /** Names of the segments that were begun to be taken over. */
  segments(): readonly string[];
  /** Forgets a segment whose file is no more, and all that was taken from it. */
  drop(segment: string): void;
  /** The intents without a final, whichever order the segments were taken in. */
  unfinished(): readonly StoredRow[];
  /** The final record of this id or, while there is none, its intent. */
  find(id: string): StoredRow | null;
  /**
   * The final records and unfinished intents of a list, in its order.
   * @param lost ids of intents whose generation has ended without a final record: they are interrupted, the others run
   */
  list(query: GenerationQuery, lost: ReadonlySet<string>): readonly StoredRow[];
  /** A page of events, newest first. One that retention has written anew counts as it was written last. */
  events(query: EventQuery): readonly StoredRow[];
  close(): void;
}

/** The row of a frame. */
export function storedRow({ writer, frame }: Pick<RecordFrame, 'writer' | 'frame'>): StoredRow {
  return {
    writer,
    seq: frame.seq,
    prev: frame.previous.toString('hex'),
    hash: frame.hash.toString('hex'),
    payload: frame.payload,
  };
}
