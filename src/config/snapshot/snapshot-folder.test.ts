import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { formatSnapshot, type Snapshot } from './snapshot.ts';
import { SnapshotFolder } from './snapshot-folder.ts';

const DAY_MS = 86_400_000;

let store: string;
let folder: SnapshotFolder;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'candor-snapshots-'));
  folder = new SnapshotFolder(store);
});
afterEach(() => rmSync(store, { recursive: true }));

/** One that takes effect on that day. */
function snapshot(hash: string, day: number, text = 'routes: {}'): Snapshot {
  const at = new Date(day * DAY_MS).toISOString();
  return {
    hash,
    createdAt: at,
    inForceAt: at,
    origin: 'candor.yaml',
    mode: 'serve',
    files: { 'candor.yaml': text },
    hooks: {},
  };
}

function hashes(): readonly string[] {
  return folder.all().map(({ hash }) => hash);
}

test('is empty before anything has been in force', () => {
  expect(folder.all()).toEqual([]);
});

test('gives what was in force, the last first', () => {
  for (const [day, hash] of ['a', 'b', 'a', 'c'].entries()) folder.keep(snapshot(hash, day));
  expect(hashes()).toEqual(['c', 'a', 'b']);
});

test('of one hash keeps the newest texts and the first date', () => {
  folder.keep(snapshot('a', 1, 'first'));
  folder.keep(snapshot('a', 5, 'second'));
  expect(folder.all()).toEqual([{ ...snapshot('a', 5, 'second'), createdAt: snapshot('a', 1).createdAt }]);
});

test('removes those that no kept record can name, save the last twenty', () => {
  const all = Array.from({ length: 25 }, (_, day) => `h${day}`);
  for (const [day, hash] of all.entries()) folder.keep(snapshot(hash, day));
  // h2 was replaced on day 3: a record of that day is 27 days old.
  folder.prune(27 * DAY_MS, 30 * DAY_MS);
  expect(hashes()).toEqual(all.slice(2).toReversed());
  folder.prune(DAY_MS, 1000 * DAY_MS);
  expect(hashes()).toEqual(all.slice(5).toReversed());
});

test.each([
  ['is none', '{"hash": "b"}'],
  ['has the hash of another file', formatSnapshot(snapshot('../../b', 1))],
])('names a file that is no snapshot: one that %s', (_what, text) => {
  folder.keep(snapshot('a', 1));
  writeFileSync(join(store, 'snapshots/b.json'), text);
  expect(() => folder.all()).toThrow(/b\.json is no snapshot/);
});
