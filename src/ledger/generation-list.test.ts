import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringMember } from '../core/json.ts';
import { nodeFileSystem } from './journal/append-file.ts';
import type { GenerationFilters, GenerationPlace, GenerationQuery } from './store/generation-query.ts';
import { Journal } from './journal/journal.ts';
import { JournalStore } from './store/journal-store.ts';
import { decodePayload, encodeFinal } from './journal/payload.ts';
import type { RecordStore } from './store/record-store.ts';
import { findSqlite, type OpenSqlite } from './store/sqlite.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { StoredRow } from './store/store-protocol.ts';
import { OtherWriters, takeOver } from './store/take-over.ts';

let directory: string;
let journalDirectory: string;
let openSqlite: OpenSqlite;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'candor-list-'));
  journalDirectory = join(directory, 'journal');
  mkdirSync(journalDirectory);
  const found = await findSqlite();
  if (found === null) throw new Error('this test needs SQLite: node:sqlite or @photostructure/sqlite');
  openSqlite = found;
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const START_MS = 1_700_000_000_000;
const NONE: ReadonlySet<string> = new Set();

interface Told {
  readonly id: string;
  readonly createdMs: number;
  readonly status: 'complete' | 'failed' | 'running' | 'interrupted';
  readonly route: string | null;
  readonly key: string | null;
  readonly data: readonly string[];
  readonly deployments: readonly string[];
  readonly fallback: string | null;
  readonly aside: string | null;
}

function payloadOf(told: Told): string {
  const { id, status, route, key, data } = told;
  const aside = told.aside === null ? {} : { aside: { purpose: told.aside, of: null } };
  const known = { id, created_at: new Date(told.createdMs).toISOString(), key, route, data, ...aside };
  if (status === 'running' || status === 'interrupted') return JSON.stringify({ type: 'intent', intent: known });
  const fallback = told.fallback === null ? null : { reason: told.fallback };
  const attempts = told.deployments.map((deployment) => ({ deployment }));
  return encodeFinal(JSON.stringify({ ...known, status, fallback, attempts }), null);
}

function journalOf(writer: string): Journal {
  return new Journal({ directory: journalDirectory, writer, wallTime: () => START_MS, fileSystem: nodeFileSystem });
}

function idsOf(rows: readonly StoredRow[]): readonly string[] {
  return rows.map(({ payload }) => {
    const decoded = decodePayload(Buffer.from(payload).toString());
    if (decoded === null || decoded.type === 'event') throw new Error('no record');
    return stringMember(decoded.type === 'final' ? decoded.record : decoded.intent, 'id') ?? '';
  });
}

/** Every page of a list, one after the other. */
function pages(store: RecordStore, filters: GenerationFilters, limit: number, lost = NONE): readonly string[] {
  const listed: string[] = [];
  let after: GenerationPlace | null = null;
  for (;;) {
    const query: GenerationQuery = { filters, limit, after };
    const rows = store.list(query, lost);
    const ids = idsOf(rows);
    listed.push(...ids);
    const last = ids.at(-1);
    if (last === undefined || rows.length < limit) return listed;
    after = { createdMs: START_MS + Number(last.split('_')[1]), id: last };
  }
}

const STORES = [
  ['SQLite', () => new SqliteStore(openSqlite, join(directory, 'store.db'))],
  ['the journal alone', () => new JournalStore(journalDirectory)],
] as const;

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const GENERATION = fc.record({
  second: fc.nat(40),
  status: one<Told['status']>('complete', 'failed', 'running', 'interrupted'),
  route: one('legal', 'extract', null),
  key: one('web', null),
  data: one(['public'], ['public', 'phi'], []),
  deployments: one<readonly string[]>([], ['openai/gpt'], ['openai/gpt', 'acme/vendor/gpt']),
  fallback: one('circuit_open', 'slo', null),
  aside: one('replay', 'shadow', null, null),
});
const FILTERS = fc.record(
  {
    route: one('legal', 'none'),
    model: one('gpt', 'vendor/gpt'),
    deployment: one('openai/gpt', 'acme/vendor/gpt'),
    status: one('complete', 'failed', 'running', 'interrupted'),
    key: one('web', 'other'),
    data: one('public', 'phi', 'ph'),
    fallback: one<boolean | string>(true, false, 'slo', 'other'),
    aside: one<boolean | string>(true, false, 'replay', 'compare'),
    sinceMs: fc.nat(40).map((second) => START_MS + second),
    untilMs: fc.nat(40).map((second) => START_MS + second),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<GenerationFilters>;

/** The list by its definition. */
function expectedIds(all: readonly Told[], filters: GenerationFilters): readonly string[] {
  const begun = (told: Told): boolean => told.status === 'running' || told.status === 'interrupted';
  const deployment = (told: Told): string | undefined => (begun(told) ? undefined : told.deployments.at(-1));
  const fallback = (told: Told): string | null => (begun(told) ? null : told.fallback);
  const tests: Partial<Record<keyof GenerationFilters, (told: Told) => boolean>> = {
    route: (told) => told.route === filters.route,
    model: (told) => deployment(told)?.split('/').slice(1).join('/') === filters.model,
    deployment: (told) => deployment(told) === filters.deployment,
    status: (told) => told.status === filters.status,
    key: (told) => told.key === filters.key,
    data: (told) => told.data.some((name) => name === filters.data),
    fallback: (told) =>
      typeof filters.fallback === 'string'
        ? fallback(told) === filters.fallback
        : (fallback(told) === null) !== filters.fallback,
    aside: (told) =>
      typeof filters.aside === 'string' ? told.aside === filters.aside : (told.aside === null) !== filters.aside,
    sinceMs: (told) => told.createdMs >= (filters.sinceMs ?? 0),
    untilMs: (told) => told.createdMs < (filters.untilMs ?? 0),
  };
  const asked = Object.keys(filters) as (keyof GenerationFilters)[];
  return all
    .filter((told) => asked.every((name) => tests[name]?.(told) === true))
    .toSorted((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);
}

describe.each(STORES)('a list over %s', (_, make) => {
  it('holds what its filters say, newest first, on pages without gaps or repeats', () => {
    const store = make();
    let run = 0;
    fc.assert(
      fc.property(
        fc.array(GENERATION, { maxLength: 40 }),
        fc.array(FILTERS, { minLength: 3, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (drawn, filters, limit) => {
          run++;
          const key = `key-${run}`;
          const all = drawn.map(({ second, ...rest }, index) => ({
            ...rest,
            // One store for all runs: each has keys of its own.
            key: rest.key === null ? null : key,
            createdMs: START_MS + run * 1000 + second,
            id: `gen_${run * 1000 + second}_${String(index).padStart(3, '0')}`,
          }));
          const journal = journalOf(`w${run}`);
          journal.open();
          if (all.length > 0) journal.append(all.map(payloadOf));
          journal.close();
          takeOver(store, journalDirectory, journal.segment, null);
          const lost = new Set(all.filter(({ status }) => status === 'interrupted').map(({ id }) => id));
          for (const drawnFilters of [{}, ...filters]) {
            const { sinceMs = START_MS, untilMs = START_MS + 999 } = drawnFilters;
            const filters: GenerationFilters = {
              ...drawnFilters,
              ...(drawnFilters.key === 'web' ? { key } : {}),
              sinceMs: sinceMs + run * 1000,
              untilMs: untilMs + run * 1000,
            };
            expect(pages(store, filters, limit, lost)).toEqual(expectedIds(all, filters));
          }
        },
      ),
      { numRuns: 60, seed: 11 },
    );
    store.close();
  });

  it('goes on at the same place when newer records have come, and reaches the oldest of very many', () => {
    const store = make();
    const journal = journalOf('w1');
    const told = (ms: number): Told => ({
      id: `gen_${ms}_0`,
      createdMs: START_MS + ms,
      status: 'complete',
      route: ms % 400 === 0 ? 'rare' : 'legal',
      key: null,
      data: [],
      deployments: [],
      fallback: null,
      aside: null,
    });
    // The oldest is the last to end: what is kept in memory is not simply the newest.
    journal.append([...Array.from({ length: 2399 }, (__, index) => payloadOf(told(index + 1))), payloadOf(told(0))]);
    takeOver(store, journalDirectory, journal.segment, journal.length);
    const first = store.list({ filters: {}, limit: 2, after: null }, NONE);
    expect(idsOf(first)).toEqual(['gen_2399_0', 'gen_2398_0']);
    journal.append([payloadOf(told(5000))]);
    takeOver(store, journalDirectory, journal.segment, journal.length);
    const second = store.list({ filters: {}, limit: 2, after: { createdMs: START_MS + 2398, id: 'gen_2398_0' } }, NONE);
    expect(idsOf(second)).toEqual(['gen_2397_0', 'gen_2396_0']);
    expect(pages(store, { route: 'rare' }, 4)).toEqual(
      [2000, 1600, 1200, 800, 400, 0].map((ms) => `gen_${ms}_0`).toSorted(byNumber),
    );
    expect(pages(store, {}, 100)).toHaveLength(2401);
    journal.close();
    store.close();
  });

  it('follows other writers: what they wrote whole, what they end, what is deleted of theirs', () => {
    const store = make();
    const others = new OtherWriters(store, journalDirectory, 'own');
    const told = (id: string, status: Told['status']): Told => ({
      id,
      createdMs: START_MS,
      status,
      route: null,
      key: null,
      data: [],
      deployments: [],
      fallback: null,
      aside: null,
    });
    const statuses = (): readonly string[] =>
      (['running', 'complete'] as const).map((status) =>
        idsOf(store.list({ filters: { status }, limit: 9, after: null }, NONE)).join(),
      );
    const journal = journalOf('other');
    journal.append([payloadOf(told('gen_a', 'running')), payloadOf(told('gen_b', 'running'))]);
    expect(others.catchUp()).toEqual({ changed: true, warnings: [] });
    expect(statuses()).toEqual(['gen_b,gen_a', '']);
    expect(store.find('gen_a')).toMatchObject({ writer: 'other', seq: 1 });
    expect(others.catchUp()).toEqual({ changed: false, warnings: [] });
    const before = journal.length;
    journal.append([payloadOf(told('gen_a', 'complete'))]);
    const path = join(journalDirectory, journal.segment);
    const whole = readFileSync(path);
    for (const cut of [before + 3, before + 45, whole.length - 1]) {
      // A write under way is seen in part.
      truncateSync(path, before);
      appendFileSync(path, whole.subarray(before, cut));
      expect(others.catchUp().warnings).toEqual([]);
      expect(statuses()).toEqual(['gen_b,gen_a', '']);
    }
    appendFileSync(path, whole.subarray(-1));
    others.catchUp();
    expect(statuses()).toEqual(['gen_b', 'gen_a']);
    expect(store.find('gen_a')).toMatchObject({ writer: 'other', seq: 3 });
    rmSync(path);
    others.catchUp();
    expect(statuses()).toEqual(['', '']);
    expect(store.find('gen_a')).toBeNull();
    expect(store.shippedTo(journal.segment)).toBeNull();
    journal.close();
    store.close();
  });
});

function byNumber(a: string, b: string): number {
  return Number(b.split('_')[1]) - Number(a.split('_')[1]);
}
