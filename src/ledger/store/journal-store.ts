import { join } from 'node:path';
import { stringMember } from '../../core/json.ts';
import { type EventQuery, eventPlace, isAsked } from './event-query.ts';
import {
  generationFacts,
  type GenerationFacts,
  type GenerationPlace,
  type GenerationQuery,
  isListed,
  newestFirst,
} from './generation-query.ts';
import { readSegment, type SegmentPlace } from '../journal/journal-reader.ts';
import { decodePayload, isEvent, isIntent } from '../journal/payload.ts';
import { type RecordFrame, type RecordFrames, type RecordStore, storedRow } from './record-store.ts';
import { segmentWriter } from '../journal/segment-files.ts';
import { listSegments } from '../journal/segment-listing.ts';
import type { StoredRow } from './store-protocol.ts';

/** How many of the newest records are kept in memory; older ones are found by reading the journal. */
const REMEMBERED_RECORDS = 1000;

/** A row, and where it stands in a list. */
interface Listed {
  readonly facts: GenerationPlace;
  readonly row: StoredRow;
}

/** A frame as it is kept in memory. */
interface KeptFrame extends Listed {
  readonly segment: string;
  readonly facts: GenerationFacts;
}

/**
 * Stands in where there is no SQLite: the newest records from memory, older ones by reading the
 * journal's files. Right, bounded in memory, and slow on a long journal.
 */
export class JournalStore implements RecordStore {
  readonly #directory: string;
  readonly #shipped = new Map<string, SegmentPlace>();
  readonly #unfinished = new Map<string, KeptFrame>();
  readonly #remembered = new Map<string, KeptFrame>();
  /** Segments with events in them. */
  readonly #eventful = new Set<string>();
  /** Of the records that are no longer remembered, the first in a list. */
  #forgotten: GenerationPlace | null = null;

  constructor(journalDirectory: string) {
    this.#directory = journalDirectory;
  }

  shippedTo(segment: string): SegmentPlace | null {
    return this.#shipped.get(segment) ?? null;
  }

  take(segment: string, { intents, finals, events }: RecordFrames, place: SegmentPlace): void {
    if (events.length > 0) this.#eventful.add(segment);
    for (const intent of intents) this.#unfinished.set(idOf(intent), keptFrame(segment, intent));
    for (const final of finals) {
      this.#unfinished.delete(idOf(final));
      this.#remembered.set(idOf(final), keptFrame(segment, final));
    }
    for (const [id, { facts }] of this.#remembered) {
      if (this.#remembered.size <= REMEMBERED_RECORDS) break;
      if (this.#forgotten === null || newestFirst(facts, this.#forgotten) < 0) this.#forgotten = facts;
      this.#remembered.delete(id);
    }
    this.#shipped.set(segment, place);
  }

  segments(): readonly string[] {
    return [...this.#shipped.keys()];
  }

  drop(segment: string): void {
    for (const kept of [this.#remembered, this.#unfinished]) {
      for (const [id, frame] of kept) if (frame.segment === segment) kept.delete(id);
    }
    this.#shipped.delete(segment);
    this.#eventful.delete(segment);
  }

  find(id: string): StoredRow | null {
    const known = this.#remembered.get(id) ?? this.#unfinished.get(id);
    if (known !== undefined) return known.row;
    for (const { name } of listSegments(this.#directory).toReversed()) {
      // Reading for one id: the JSON is parsed only where the id occurs at all.
      for (const final of this.#finals(name, id)) if (idOf(final) === id) return storedRow(final);
    }
    return null;
  }

  list(query: GenerationQuery, lost: ReadonlySet<string>): readonly StoredRow[] {
    const page = new Map<string, KeptFrame>();
    for (const [id, frame] of this.#unfinished) {
      const status = lost.has(id) ? 'interrupted' : 'running';
      if (isListed({ ...frame.facts, status }, query)) page.set(id, frame);
    }
    for (const [id, frame] of this.#remembered) if (isListed(frame.facts, query)) page.set(id, frame);
    cut(page, query.limit);
    const last = [...page.values()].at(-1);
    const isFull = page.size === query.limit && last !== undefined;
    if (this.#forgotten !== null && !(isFull && newestFirst(last.facts, this.#forgotten) < 0)) this.#read(query, page);
    return [...page.values()].map(({ row }) => row);
  }

  events(query: EventQuery): readonly StoredRow[] {
    const page = new Map<string, Listed>();
    for (const segment of this.#eventful) {
      const writer = segmentWriter(segment);
      const path = join(this.#directory, segment);
      for (const frame of readSegment(path, { from: null, upTo: null, checkChain: false })) {
        const payload = isEvent(frame.payload) ? decodePayload(frame.payload.toString()) : null;
        if (payload?.type !== 'event' || !isAsked(payload.event, query)) continue;
        page.set(payload.event.id, { facts: eventPlace(payload.event), row: ownRow({ writer, frame }) });
        if (page.size > 2 * query.limit) cut(page, query.limit);
      }
    }
    cut(page, query.limit);
    return [...page.values()].map(({ row }) => row);
  }

  unfinished(): readonly StoredRow[] {
    // The files' dates, by which they were taken, may be those of a copy: a final may have come before its intent.
    if (this.#unfinished.size > 0) {
      for (const { name } of listSegments(this.#directory)) {
        for (const final of this.#finals(name, '')) this.#unfinished.delete(idOf(final));
      }
    }
    return [...this.#unfinished.values()].map(({ row }) => row);
  }

  close(): void {
    this.#unfinished.clear();
    this.#remembered.clear();
  }

  /** Adds to the page what belongs there of the whole journal. */
  #read(query: GenerationQuery, page: Map<string, KeptFrame>): void {
    for (const { name } of listSegments(this.#directory)) {
      for (const final of this.#finals(name, '')) {
        const facts = generationFacts(final.record);
        if (!isListed(facts, query) || page.has(facts.id)) continue;
        page.set(facts.id, keptFrame(name, final));
        if (page.size > 2 * query.limit) cut(page, query.limit);
      }
    }
    cut(page, query.limit);
  }

  /** The final records of a segment whose bytes hold the text. */
  *#finals(segment: string, text: string): Generator<RecordFrame> {
    const writer = segmentWriter(segment);
    for (const frame of readSegment(join(this.#directory, segment), { from: null, upTo: null, checkChain: false })) {
      if (isIntent(frame.payload) || !frame.payload.includes(text)) continue;
      const payload = decodePayload(frame.payload.toString());
      if (payload?.type === 'final') yield { writer, frame, record: payload.record };
    }
  }
}

function idOf({ record }: RecordFrame): string {
  return stringMember(record, 'id') ?? '';
}

function keptFrame(segment: string, frame: RecordFrame): KeptFrame {
  return { segment, facts: generationFacts(frame.record), row: ownRow(frame) };
}

/** The row with bytes of its own: a frame is a view of a buffer as large as what was read at once. */
function ownRow(frame: Pick<RecordFrame, 'writer' | 'frame'>): StoredRow {
  const row = storedRow(frame);
  return { ...row, payload: Uint8Array.from(row.payload) };
}

/** Leaves the first of the list, in its order. */
function cut<Row extends Listed>(page: Map<string, Row>, limit: number): void {
  const kept = [...page].toSorted(([, a], [, b]) => newestFirst(a.facts, b.facts)).slice(0, limit);
  page.clear();
  for (const [id, frame] of kept) page.set(id, frame);
}
