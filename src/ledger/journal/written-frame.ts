import type { JsonObject } from '../../core/json.ts';
import { finishedView, interruptedRecord, type InterruptionCause, runningView } from '../generation-view.ts';
import type { ChainPosition } from './journal.ts';
import { decodePayload, encodeInterrupted } from './payload.ts';
import type { StoredRow } from '../store/store-protocol.ts';

/** A frame that was written, as it is kept in memory while it is needed. */
export interface WrittenFrame {
  readonly createdAt: string;
  readonly payload: string;
  readonly position: ChainPosition;
}

/** An intent that will get no final record of its own, and why. */
export interface LostGeneration extends WrittenFrame {
  readonly cause: InterruptionCause;
}

/** The frame of a row of the store. */
export function writtenFrame(row: StoredRow, createdAt: string): WrittenFrame {
  return { createdAt, payload: textOf(row), position: positionOf(row) };
}

/** The view of a generation under way; `null` when the frame is no intent. */
export function viewOfRunning(frame: WrittenFrame): JsonObject | null {
  const payload = decodePayload(frame.payload);
  return payload?.type === 'intent' ? runningView(payload.intent, frame.position) : null;
}

/** The view of an interrupted generation whose final record is not written yet; its chain is its intent's. */
export function viewOfLost(lost: LostGeneration): JsonObject | null {
  const payload = decodePayload(lost.payload);
  if (payload?.type !== 'intent') return null;
  return finishedView(interruptedRecord(payload.intent, lost.cause), lost.position, 'not_kept', null);
}

/** The final record it is to get, in its stored form; `null` when the frame is no intent. */
export function encodeLost(lost: LostGeneration): string | null {
  const payload = decodePayload(lost.payload);
  if (payload?.type !== 'intent') return null;
  return encodeInterrupted(interruptedRecord(payload.intent, lost.cause), lost.position);
}

export function textOf(row: StoredRow): string {
  return Buffer.from(row.payload.buffer, row.payload.byteOffset, row.payload.byteLength).toString();
}

export function positionOf(row: StoredRow): ChainPosition {
  return { writer: row.writer, seq: row.seq, prev: row.prev, hash: row.hash };
}
