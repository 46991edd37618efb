import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringMember } from '../core/json.ts';
import { LedgerFolder, recordOf } from '../../test/support/ledger-folder.ts';
import type { Ledger } from './ledger.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const KEEP = { keepMs: 7 * DAY_MS };
let records = 0;

/** Ends so many generations now, with content of their own. */
async function write(ledger: Ledger, count = 1): Promise<readonly string[]> {
  const now = new Date(folder.clock.wallTime());
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const id = `gen_${String(++records).padStart(5, '0')}`;
    await ledger.finish(recordOf(id, now.toISOString()), { request: Buffer.from(id), attempts: [] });
    ids.push(id);
  }
  // The file system has its own clock; retention goes by the dates of content files.
  for (const name of folder
    .files('content')
    .filter((file) => file.startsWith(ledger.writer))
    .slice(-1)) {
    utimesSync(join(folder.directory, 'content', name), now, now);
  }
  return ids;
}

/** Lets days pass, with a record on each. */
async function pass(ledger: Ledger, days: number): Promise<readonly (readonly string[])[]> {
  const written: (readonly string[])[] = [];
  for (let day = 0; day < days; day++) {
    written.push(await write(ledger, 2));
    folder.clock.advance(DAY_MS);
  }
  return written;
}

const retired = (): readonly { writer: string; segment: string; seq: number; count: number }[] =>
  folder.statements().filter(({ kind }) => kind === 'retired');
const journalOf = (ledger: Ledger): readonly string[] =>
  folder.files('journal').filter((name) => name.startsWith(ledger.writer));

describe('retention', () => {
  it('deletes whole segments that are older, says so first, and forgets their records', async () => {
    const ledger = await folder.open(KEEP);
    const before = folder.files('journal');
    const days = await pass(ledger, 12);
    folder.clock.advance(HOUR_MS);
    await vi.waitFor(() => expect(folder.files('journal')).not.toContain(before[0]));
    await vi.waitFor(async () => expect(await ledger.find(days[0]?.[0] ?? '')).toBeNull());
    for (const [age, ids] of [...days].toReversed().entries()) {
      for (const id of ids) {
        // The last ones are a day old. A segment spans a day, so what is kept for seven is gone within eight.
        if (age < 6)
          expect(await ledger.find(id), `${age} days`).toMatchObject({ content: 'kept', request: { body: id } });
        if (age > 8) expect(await ledger.find(id), `${age} days`).toBeNull();
      }
    }
    const last = retired().at(-1);
    expect(last?.writer).toBe(ledger.writer);
    // The chain goes on where the statement ends.
    const frames = folder.frames(ledger.writer);
    expect(frames[0]?.seq).toBe((last?.seq ?? 0) + 1);
    const left = frames.filter(({ text }) => text.startsWith('{"type":"final"')).length;
    expect((last?.count ?? 0) + left).toBe(24);
    expect(folder.problems()).toEqual([]);
    expect(retired().map(({ seq }) => seq)).toEqual(
      retired()
        .map(({ seq }) => seq)
        .toSorted((a, b) => a - b),
    );
  });

  it('deletes the content with the records, and none that a record is left for', async () => {
    const ledger = await folder.open(KEEP);
    await pass(ledger, 20);
    folder.clock.advance(HOUR_MS);
    await vi.waitFor(() => expect(folder.files('content').length).toBeLessThan(12));
    const { generations } = await ledger.list({ filters: {}, limit: 100, after: null });
    expect(generations.length).toBeGreaterThanOrEqual(14);
    for (const view of generations) {
      expect(await ledger.find(stringMember(view, 'id') ?? '')).toMatchObject({ content: 'kept' });
    }
  });

  it('takes all of a writer that is no more, and leaves one that lives its last files', async () => {
    const first = await folder.open();
    await pass(first, 2);
    await first.close();
    folder.clock.advance(30 * DAY_MS);
    const second = await folder.open(KEEP);
    await vi.waitFor(() => expect(journalOf(first)).toEqual([]));
    await vi.waitFor(() => expect(folder.files('content')).toEqual([]));
    expect(retired()).toMatchObject([{ writer: first.writer, count: 4 }]);
    expect(folder.problems()).toEqual([]);
    await write(second);
    folder.clock.advance(30 * DAY_MS);
    await second.close();
    expect(journalOf(second)).toContain(`${second.writer}-1.jnl`);
    expect(folder.files('content')).toEqual([`${second.writer}-1.dat`]);
  });

  it('goes on with what was signed and not yet deleted, without signing it again', async () => {
    const first = await folder.open();
    await pass(first, 3);
    await first.close();
    const segments = journalOf(first);
    const saved = segments.map((name) => [name, readFileSync(join(folder.directory, 'journal', name))] as const);
    folder.clock.advance(30 * DAY_MS);
    const second = await folder.open(KEEP);
    await vi.waitFor(() => expect(journalOf(first)).toEqual([]));
    await second.close();
    // As if the process had ended in the middle of deleting.
    for (const [name, bytes] of saved.slice(1)) writeFileSync(join(folder.directory, 'journal', name), bytes);
    expect(folder.problems()).toEqual([]);
    await folder.open(KEEP);
    await vi.waitFor(() => expect(journalOf(first)).toEqual([]));
    expect(folder.problems()).toEqual([]);
    expect(retired().filter(({ writer }) => writer === first.writer)).toHaveLength(1);
  });

  it('does not delete what it cannot sign for', async () => {
    const first = await folder.open();
    await pass(first, 3);
    await first.close();
    folder.clock.advance(30 * DAY_MS);
    folder.disk.concerns = (path) => path.endsWith('.jsonl');
    folder.disk.failing = 'ENOSPC';
    const second = await folder.open(KEEP);
    await second.close();
    expect(journalOf(first).length).toBeGreaterThan(1);
    folder.disk.failing = null;
    await folder.open(KEEP);
    await vi.waitFor(() => expect(journalOf(first)).toEqual([]));
  });

  it('leaves a chain alone whose beginning is missing, and says so', async () => {
    const first = await folder.open();
    await pass(first, 4);
    await first.close();
    rmSync(join(folder.directory, 'journal', journalOf(first)[0] ?? ''));
    folder.clock.advance(30 * DAY_MS);
    const second = await folder.open(KEEP);
    await vi.waitFor(() => expect(second.warnings).toEqual([expect.stringContaining('records before it are missing')]));
    expect(retired()).toEqual([]);
    expect(journalOf(first)).toHaveLength(4);
  });

  it('keeps everything without server.keep', async () => {
    const ledger = await folder.open();
    await pass(ledger, 40);
    await ledger.close();
    expect(retired()).toEqual([]);
    expect(readdirSync(join(folder.directory, 'journal'))).toContain(`${ledger.writer}-1.jnl`);
  });
});
