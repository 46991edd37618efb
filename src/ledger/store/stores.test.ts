import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../journal/append-file.ts';
import { JournalStore } from './journal-store.ts';
import { Journal } from '../journal/journal.ts';
import { readSegment } from '../journal/journal-reader.ts';
import type { LedgerEventKind } from '../../core/ledger-event.ts';
import { decodePayload, encodeEvent, encodeFinal, type WrittenEvent } from '../journal/payload.ts';
import type { EventQuery } from './event-query.ts';
import type { RecordFrame, RecordStore } from './record-store.ts';
import { findSqlite, type OpenSqlite } from './sqlite.ts';
import { SqliteStore } from './sqlite-store.ts';
import { takeOver } from './take-over.ts';

let directory: string;
let openSqlite: OpenSqlite;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'candor-stores-'));
  mkdirSync(join(directory, 'journal'));
  const found = await findSqlite();
  if (found === null) throw new Error('this test needs SQLite: node:sqlite or @photostructure/sqlite');
  openSqlite = found;
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function recordOf(index: number): string {
  return JSON.stringify({
    id: `gen_${String(index).padStart(5, '0')}`,
    created_at: new Date(1_700_000_000_000 + index).toISOString(),
    status: index % 2 === 0 ? 'complete' : 'failed',
    route: 'legal',
    http: 200,
    fallback: { reason: 'upstream_overloaded' },
    attempts: [{ deployment: 'openai/gpt-4o' }, { deployment: 'anthropic/vendor/claude' }],
  });
}

/** Writes so many records to a journal, and gives each to the store as it is read back. */
function filled(store: RecordStore, count: number): RecordStore {
  const journal = new Journal({
    directory: join(directory, 'journal'),
    writer: 'w1',
    wallTime: () => 0,
    fileSystem: nodeFileSystem,
  });
  journal.append(Array.from({ length: count }, (_, index) => encodeFinal(recordOf(index), null)));
  journal.close();
  const segment = journal.segment;
  const frames = readSegment(join(directory, 'journal', segment), { from: null, upTo: null, checkChain: true });
  for (const frame of frames) {
    const payload = decodePayload(frame.payload.toString());
    const finals: RecordFrame[] = payload?.type === 'final' ? [{ writer: 'w1', frame, record: payload.record }] : [];
    store.take(segment, { intents: [], finals, events: [] }, frame.next);
  }
  return store;
}

describe.each([
  ['SQLite', () => new SqliteStore(openSqlite, join(directory, 'store.db'))],
  ['the journal alone', () => new JournalStore(join(directory, 'journal'))],
])('a store over %s', (_, make) => {
  it('finds each record as its stored bytes, the oldest too', () => {
    const store = filled(make(), 1500);
    for (const index of [0, 1, 700, 1499]) {
      const row = store.find(`gen_${String(index).padStart(5, '0')}`);
      expect(Buffer.from(row?.payload ?? []).toString()).toBe(encodeFinal(recordOf(index), null));
      expect(row).toMatchObject({ writer: 'w1', seq: index + 1 });
    }
    expect(store.find('gen_absent')).toBeNull();
    expect(store.shippedTo('w1-1.jnl')).toMatchObject({ seq: 1501 });
    store.close();
  });
});

describe.each([
  ['SQLite', () => new SqliteStore(openSqlite, join(directory, 'store.db'))],
  ['the journal alone', () => new JournalStore(join(directory, 'journal'))],
])('the unfinished in a store over %s', (_, make) => {
  /** The frames of a segment in which a writer wrote these intents and finals, by id. */
  function segmentOf(writer: string, intents: readonly string[], finals: readonly string[]): readonly RecordFrame[] {
    const wallTime = (): number => 0;
    const journal = new Journal({
      directory: join(directory, 'journal'),
      writer,
      wallTime,
      fileSystem: nodeFileSystem,
    });
    const created_at = new Date(0).toISOString();
    journal.append([
      ...intents.map((id) => JSON.stringify({ type: 'intent', intent: { id, created_at } })),
      ...finals.map((id) => encodeFinal(JSON.stringify({ id, created_at, status: 'complete' }), null)),
    ]);
    journal.close();
    const path = join(directory, 'journal', journal.segment);
    return [...readSegment(path, { from: null, upTo: null, checkChain: true })].map((frame) => {
      const payload = decodePayload(frame.payload.toString());
      if (payload === null || payload.type === 'event') throw new Error('no record');
      return { writer, frame, record: payload.type === 'intent' ? payload.intent : payload.record };
    });
  }

  function take(store: RecordStore, frames: readonly RecordFrame[], intents: number, first = 0, count = 99): void {
    const part = frames.slice(first, first + count);
    const last = part.at(-1);
    if (last === undefined) throw new Error('no frames');
    const split = Math.max(0, intents - first);
    const { writer, frame } = last;
    store.take(`${writer}-1.jnl`, { intents: part.slice(0, split), finals: part.slice(split), events: [] }, frame.next);
  }

  it('are the intents without a final, whether taken at once or one by one', () => {
    const store = make();
    take(store, segmentOf('w1', ['gen_a', 'gen_b'], ['gen_b']), 2);
    const second = segmentOf('w2', ['gen_c', 'gen_d'], ['gen_d']);
    for (const index of second.keys()) take(store, second, 2, index, 1);
    const rows = store.unfinished();
    expect(rows.map((row) => [row.writer, row.seq])).toEqual([
      ['w1', 1],
      ['w2', 1],
    ]);
    expect(decodePayload(Buffer.from(rows[0]?.payload ?? []).toString())).toMatchObject({ intent: { id: 'gen_a' } });
    store.close();
  });

  it('lack those whose final another process has taken, or takes again, in a stretch that overlaps', () => {
    const store = make();
    const frames = segmentOf('w1', ['gen_a', 'gen_b'], ['gen_a']);
    take(store, frames, 2, 0, 1);
    take(store, frames, 2);
    if (store instanceof SqliteStore) take(store, frames, 2, 0, 2);
    expect(store.unfinished().map((row) => row.seq)).toEqual([2]);
    expect(store.shippedTo('w1-1.jnl')).toMatchObject({ seq: 4 });
    store.close();
  });

  it('lack those whose final another writer has given, also when that was taken first', () => {
    const store = make();
    const begun = segmentOf('w1', ['gen_a', 'gen_b'], []);
    const recovered = segmentOf('w2', [], ['gen_a']);
    take(store, recovered, 0);
    take(store, begun, 2);
    expect(store.unfinished().map((row) => row.seq)).toEqual([2]);
    store.close();
  });
});

describe.each([
  ['SQLite', () => new SqliteStore(openSqlite, join(directory, 'store.db'))],
  ['the journal alone', () => new JournalStore(join(directory, 'journal'))],
])('the events in a store over %s', (_, make) => {
  const event = (object: LedgerEventKind, id: string, second: number): WrittenEvent => ({
    id,
    object,
    created_at: new Date(second * 1000).toISOString(),
    body: {},
  });

  /** Writes the events as a writer of this name, and has the store take them over. */
  function write(store: RecordStore, writer: string, events: readonly WrittenEvent[]): void {
    const options = { directory: join(directory, 'journal'), writer, wallTime: () => 0, fileSystem: nodeFileSystem };
    const journal = new Journal(options);
    journal.append(events.map((written) => encodeEvent(written, null)));
    journal.close();
    takeOver(store, options.directory, journal.segment, null);
  }

  function page(store: RecordStore, query: Partial<EventQuery> = {}): readonly string[] {
    const all = { object: 'outcome', afterMs: null, next: null, limit: 9 };
    return store.events({ ...all, ...query }).map(({ writer, seq }) => `${writer} ${seq}`);
  }

  it('are those of the kind, newest first, page by page, after a time', () => {
    const store = make();
    write(store, 'w1', [event('outcome', 'out_c', 3), event('pair', 'pair_a', 9), event('outcome', 'out_a', 1)]);
    write(store, 'w2', [event('outcome', 'out_b', 3), event('outcome', 'out_d', 4)]);
    expect(page(store)).toEqual(['w2 2', 'w1 1', 'w2 1', 'w1 3']);
    expect(page(store, { limit: 2 })).toEqual(['w2 2', 'w1 1']);
    expect(page(store, { next: { createdMs: 3000, id: 'out_c' } })).toEqual(['w2 1', 'w1 3']);
    expect(page(store, { afterMs: 1000 })).toEqual(['w2 2', 'w1 1', 'w2 1']);
    store.close();
  });

  it('stand once each, where they were written last, and outlive the segment they were taken out of', () => {
    const store = make();
    const kept = event('certificate', 'cert_a', 1);
    write(store, 'w1', [kept, event('outcome', 'out_a', 1)]);
    write(store, 'w2', [kept]);
    expect(page(store, { object: 'certificate' })).toEqual(['w2 1']);
    rmSync(join(directory, 'journal', 'w1-1.jnl'));
    store.drop('w1-1.jnl');
    expect(page(store, { object: 'certificate' })).toEqual(['w2 1']);
    expect(page(store)).toEqual([]);
    store.close();
  });
});

describe('the SQLite store', () => {
  it('keeps how far it is over a reopening', () => {
    filled(new SqliteStore(openSqlite, join(directory, 'store.db')), 2).close();
    const again = new SqliteStore(openSqlite, join(directory, 'store.db'));
    expect(again.shippedTo('w1-1.jnl')).toMatchObject({ seq: 3 });
    again.close();
  });

  it('takes a record once, however often it is shipped', () => {
    const store = new SqliteStore(openSqlite, join(directory, 'store.db'));
    filled(store, 3);
    rmSync(join(directory, 'journal', 'w1-1.jnl'));
    filled(store, 3);
    expect(store.list({ filters: {}, limit: 10, after: null }, new Set())).toHaveLength(3);
    store.close();
  });

  it('takes all of a shipment or nothing', () => {
    const store = new SqliteStore(openSqlite, join(directory, 'store.db'));
    filled(store, 2);
    const frames = [
      ...readSegment(join(directory, 'journal', 'w1-1.jnl'), { from: null, upTo: null, checkChain: true }),
    ];
    const [first] = frames;
    if (first === undefined) throw new Error('no frame');
    const good = { writer: 'w2', frame: first, record: { id: 'gen_good', created_at: 'x', status: 'complete' } };
    const bad = { writer: 'w2', frame: { ...first, seq: Number.NaN }, record: { id: 'gen_bad' } };
    expect(() => store.take('w2-1.jnl', { intents: [], finals: [good, bad], events: [] }, first.next)).toThrow(
      /NOT NULL/,
    );
    expect(store.find('gen_good')).toBeNull();
    expect(store.shippedTo('w2-1.jnl')).toBeNull();
    store.take('w2-1.jnl', { intents: [], finals: [good], events: [] }, first.next);
    expect(store.find('gen_good')).toMatchObject({ writer: 'w2' });
    store.close();
  });

  it('makes the tables of an earlier version again, empty, to be filled from the journal', () => {
    const path = join(directory, 'store.db');
    const database = openSqlite(path);
    database.exec('CREATE TABLE generations (id TEXT); CREATE TABLE segments (name TEXT, shipped INTEGER)');
    database.exec('CREATE TABLE frames (number INTEGER PRIMARY KEY, seq INTEGER); INSERT INTO frames VALUES (3, 99)');
    database.exec('PRAGMA user_version = 2');
    database.close();
    const store = filled(new SqliteStore(openSqlite, path), 3);
    expect(store.find('gen_00002')).toMatchObject({ seq: 3 });
    store.close();
  });

  it('refuses a file of a later schema version, and one that is no database', () => {
    const path = join(directory, 'store.db');
    new SqliteStore(openSqlite, path).close();
    const database = openSqlite(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => new SqliteStore(openSqlite, path)).toThrow(/schema version 99/);
    for (const name of readdirSync(directory)) if (name.startsWith('store.db')) rmSync(join(directory, name));
    writeFileSync(path, 'x'.repeat(5000));
    expect(() => new SqliteStore(openSqlite, path)).toThrow(/store\.db is damaged \(.*not a database\)\. Remove it/);
  });
});
