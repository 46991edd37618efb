import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stringMember } from '../core/json.ts';
import { compareText } from './text-order.ts';
import { readSegment, type SegmentPlace } from './journal-reader.ts';
import { segmentWriter } from './segment-files.ts';
import { decodePayload, isIntent } from './payload.ts';
import { type RecordFrames, type RecordStore, storedRow } from './record-store.ts';
import type { StoredRow } from './store-protocol.ts';

/** How many of the newest records are kept in memory; older ones are found by reading the journal. */
const REMEMBERED_RECORDS = 1000;

/**
 * Stands in where there is no SQLite: the newest records from memory, older ones by reading the
 * journal's files from the newest to the oldest. Right, bounded, and slow on a long journal.
 */
export class JournalStore implements RecordStore {
  readonly #directory: string;
  readonly #shipped = new Map<string, SegmentPlace>();
  readonly #unfinished = new Map<string, StoredRow>();
  readonly #remembered = new Map<string, { readonly createdAt: string; readonly row: StoredRow }>();

  constructor(journalDirectory: string) {
    this.#directory = journalDirectory;
  }

  shippedTo(segment: string): SegmentPlace | null {
    return this.#shipped.get(segment) ?? null;
  }

  take(segment: string, { intents, finals }: RecordFrames, place: SegmentPlace): void {
    for (const intent of intents) {
      this.#unfinished.set(stringMember(intent.record, 'id') ?? '', ownRow(storedRow(intent)));
    }
    for (const final of finals) {
      const id = stringMember(final.record, 'id') ?? '';
      this.#unfinished.delete(id);
      this.#remembered.set(id, {
        createdAt: stringMember(final.record, 'created_at') ?? '',
        row: ownRow(storedRow(final)),
      });
    }
    for (const id of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_RECORDS) break;
      this.#remembered.delete(id);
    }
    this.#shipped.set(segment, place);
  }

  find(id: string): StoredRow | null {
    const remembered = this.#remembered.get(id);
    if (remembered !== undefined) return remembered.row;
    for (const segment of listSegments(this.#directory).toReversed()) {
      const writer = segmentWriter(segment);
      for (const frame of readSegment(join(this.#directory, segment), { from: null, upTo: null, checkChain: false })) {
        // Reading for one id: the JSON is parsed only where the id occurs at all.
        if (!frame.payload.includes(id)) continue;
        const payload = decodePayload(frame.payload.toString());
        if (payload?.type === 'final' && payload.record['id'] === id) {
          return storedRow({ writer, frame, record: payload.record });
        }
      }
    }
    return null;
  }

  recent(limit: number): readonly StoredRow[] {
    return [...this.#remembered.entries()]
      .toSorted(([idA, a], [idB, b]) => compareText(b.createdAt, a.createdAt) || compareText(idB, idA))
      .slice(0, limit)
      .map(([, { row }]) => row);
  }

  unfinished(): readonly StoredRow[] {
    // The files' dates, by which they were taken, may be those of a copy: a final may have come before its intent.
    if (this.#unfinished.size > 0) {
      for (const segment of listSegments(this.#directory)) this.#dropFinished(segment);
    }
    return [...this.#unfinished.values()];
  }

  #dropFinished(segment: string): void {
    for (const frame of readSegment(join(this.#directory, segment), { from: null, upTo: null, checkChain: false })) {
      if (isIntent(frame.payload)) continue;
      const payload = decodePayload(frame.payload.toString());
      if (payload?.type === 'final') this.#unfinished.delete(stringMember(payload.record, 'id') ?? '');
    }
  }

  close(): void {
    this.#unfinished.clear();
    this.#remembered.clear();
  }
}

/** The row with bytes of its own: a frame is a view of a buffer as large as what was read at once. */
function ownRow(row: StoredRow): StoredRow {
  return { ...row, payload: Uint8Array.from(row.payload) };
}

/** Names of the journal's segment files, in the order they were last written. */
export function listSegments(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jnl'))
    .map((name) => ({ name, writtenAtMs: statSync(join(directory, name)).mtimeMs }))
    .toSorted((a, b) => a.writtenAtMs - b.writtenAtMs || compareText(a.name, b.name))
    .map(({ name }) => name);
}
