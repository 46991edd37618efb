import type { SegmentFrame, SegmentPlace } from './journal-reader.ts';
import type { JsonObject } from '../core/json.ts';
import type { StoredRow } from './store-protocol.ts';

/** A frame with a final record, and that record. */
export interface FinalFrame {
  readonly writer: string;
  readonly frame: SegmentFrame;
  readonly record: JsonObject;
}

/** What keeps the final records for look-ups. Not shared between threads; every call is synchronous. */
export interface RecordStore {
  /** How far a segment was taken over; `null`: not begun. */
  shippedTo(segment: string): SegmentPlace | null;
  /** Takes over the records up to `place`, all or none. Records it has already are left as they are. @throws Error */
  take(segment: string, finals: readonly FinalFrame[], place: SegmentPlace): void;
  find(id: string): StoredRow | null;
  /** Newest first by creation, at most `limit`. */
  recent(limit: number): readonly StoredRow[];
  close(): void;
}

/** The row of a final frame. */
export function storedRow(final: FinalFrame): StoredRow {
  return {
    writer: final.writer,
    seq: final.frame.seq,
    prev: final.frame.previous.toString('hex'),
    hash: final.frame.hash.toString('hex'),
    payload: final.frame.payload,
  };
}
