import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventOf, intentOf, LedgerFolder, recordOf } from '../../test/support/ledger-folder.ts';
import { nodeFileSystem } from './journal/append-file.ts';
import { summarizeSegment } from './journal/chain-reader.ts';
import { Journal } from './journal/journal.ts';
import { encodeEvent } from './journal/payload.ts';
import type { Ledger, LedgerEventQuery } from './ledger.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';
import { verifyLedger } from './verify/verify.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

/** The time so many days after the folder's clock began. */
const day = (count: number): string => new Date(Date.UTC(2026, 10, 2, 12) + count * DAY_MS).toISOString();
const note = (ledger: Ledger, id: string, at = day(0)): Promise<unknown> =>
  ledger.note(eventOf('outcome', id, at, { of: id }));

async function ids(ledger: Ledger, query: Partial<LedgerEventQuery> = {}): Promise<readonly string[]> {
  return (await ledger.events({ object: 'outcome', ...query })).map(({ id }) => id);
}

describe('an event', () => {
  it('is a frame of the chain, and found as it was written once noted', async () => {
    const ledger = await folder.open();
    await ledger.finish(recordOf('gen_1'), null);
    const event = eventOf('outcome', 'out_1', day(0), { accepted: true, field: 'lines[0].total' });
    const chain = await ledger.note(event);
    expect(await ledger.events({ object: 'outcome' })).toEqual([{ ...event, chain }]);
    const frame = folder.frames(ledger.writer).find(({ seq }) => seq === chain.seq);
    expect(frame?.hash).toBe(chain.hash);
    expect(JSON.parse(frame?.text ?? '')).toEqual({ type: 'event', event });
    expect(await ids(ledger, { object: 'certificate' })).toEqual([]);
    expect(await ledger.find('out_1')).toBeNull();
    expect((await ledger.list({ filters: {}, limit: 9, after: null })).generations).toHaveLength(1);
  });

  it('is refused where it cannot be written, and is not there', async () => {
    const ledger = await folder.open();
    folder.disk.failing = 'ENOSPC';
    await expect(note(ledger, 'out_1')).rejects.toThrow(LedgerUnavailable);
    folder.disk.failing = null;
    await note(ledger, 'out_2');
    expect(await ids(ledger)).toEqual(['out_2']);
    expect(folder.problems()).toEqual([]);
  });

  it('is refused by a ledger that is closed, or whose store is', async () => {
    const ledger = await folder.open();
    await ledger.close();
    await expect(note(ledger, 'out_1')).rejects.toThrow('closed');
    await expect(ids(ledger)).rejects.toThrow(LedgerUnavailable);
  });

  it('is seen by the other processes of the folder, and after all have ended', async () => {
    const owner = await folder.open();
    const worker = await folder.open({ shared: true });
    await note(worker, 'out_1');
    await note(owner, 'out_2');
    expect(await ids(owner)).toEqual(['out_1', 'out_2']);
    expect(await ids(worker)).toEqual(['out_1', 'out_2']);
    await worker.close();
    await owner.close();
    const next = await folder.open();
    expect(await ids(next)).toEqual(['out_1', 'out_2']);
    expect(folder.problems()).toEqual([]);
  });

  it('is taken over from the journal when the store was lost', async () => {
    const first = await folder.open();
    await note(first, 'out_1');
    await first.close();
    for (const name of ['store.db', 'store.db-wal', 'store.db-shm'])
      rmSync(join(folder.directory, name), { force: true });
    expect(await ids(await folder.open())).toEqual(['out_1']);
  });

  it('of an unknown kind, or a frame of an unknown type, breaks nothing and is told of', async () => {
    const journal = new Journal({
      directory: join(folder.directory, 'journal'),
      writer: '00000000000000aa',
      wallTime: () => Date.parse(day(0)),
      fileSystem: nodeFileSystem,
    });
    const first = await folder.open();
    await first.close();
    journal.append([
      JSON.stringify({ type: 'event', event: { ...eventOf('outcome', 'x_1', day(0)), object: 'of a later version' } }),
      JSON.stringify({ type: 'of a later version' }),
      JSON.stringify({ type: 'event', event: { id: 'x_2' } }),
      JSON.stringify({ type: 'event', event: eventOf('outcome', 'out_1', day(0)) }),
    ]);
    journal.close();
    const ledger = await folder.open();
    expect(await ids(ledger)).toEqual(['out_1']);
    const verification = verifyLedger(folder.directory, { publicKeys: null, keptCheckpoints: null });
    expect(verification).toMatchObject({ ok: true, events: 1 });
    expect(verification.notes).toContain('frames with what this version of Candor does not know: 3');
  });
});

describe('the events of a kind', () => {
  it('are the oldest first by creation, of all writers, after a time and no more than asked for', async () => {
    const owner = await folder.open();
    const worker = await folder.open({ shared: true });
    await note(owner, 'out_c', day(2));
    await note(worker, 'out_a', day(0));
    await note(worker, 'out_d', day(3));
    await note(owner, 'out_b', day(1));
    expect(await ids(owner)).toEqual(['out_a', 'out_b', 'out_c', 'out_d']);
    expect(await ids(owner, { since: day(1) })).toEqual(['out_c', 'out_d']);
    expect(await ids(owner, { limit: 3 })).toEqual(['out_b', 'out_c', 'out_d']);
    expect(await ids(owner, { since: day(3) })).toEqual([]);
    await expect(ids(owner, { since: 'yesterday' })).rejects.toThrow(RangeError);
  });

  it('are all of them, however many pages that takes', async () => {
    const ledger = await folder.open();
    const expected = Array.from({ length: 10_001 }, (_, index) => `out_${String(index).padStart(5, '0')}`);
    await Promise.all(expected.toReversed().map((id) => note(ledger, id)));
    expect(await ids(ledger)).toEqual(expected);
    expect(await ids(ledger, { limit: 5001 })).toEqual(expected.slice(-5001));
  });
});

describe('retention', () => {
  /** Lets days pass, with something written on each, so that segments end. */
  async function pass(ledger: Ledger, days: number): Promise<void> {
    for (let count = 0; count < days; count++) {
      await ledger.begin(intentOf(`gen_${folder.clock.wallTime()}`));
      folder.clock.advance(DAY_MS);
    }
  }

  it('lets outcomes and pairs go with the records, and keeps a certificate until it has expired', async () => {
    const ledger = await folder.open({ keepMs: 7 * DAY_MS });
    await note(ledger, 'out_1');
    await ledger.note(eventOf('pair', 'pair_1', day(0)));
    await ledger.note(eventOf('certificate', 'cert_1', day(0), { expires_at: day(45) }));
    const withdrawn = eventOf('certificate', 'cert_2', day(0), { expires_at: null });
    await ledger.note(withdrawn);
    const certificates = (): Promise<readonly string[]> => ids(ledger, { object: 'certificate' });
    for (const { days, left } of [
      { days: 12, left: ['cert_1', 'cert_2'] },
      { days: 25, left: ['cert_1', 'cert_2'] },
      { days: 20, left: ['cert_2'] },
    ]) {
      await pass(ledger, days);
      await vi.waitFor(() => {
        folder.clock.advance(HOUR_MS);
        expect(folder.files('journal').length).toBeLessThan(11);
      });
      await vi.waitFor(async () => expect(await certificates()).toEqual(left));
    }
    expect(await ids(ledger)).toEqual([]);
    expect(await ids(ledger, { object: 'pair' })).toEqual([]);
    const [kept] = await ledger.events({ object: 'certificate' });
    expect(kept).toMatchObject(withdrawn);
    expect(folder.frames(ledger.writer).find(({ seq }) => seq === kept?.chain.seq)?.hash).toBe(kept?.chain.hash);
    expect(folder.problems()).toEqual([]);
    await ledger.close();
    rmSync(join(folder.directory, 'store.db'));
    expect(await ids(await folder.open(), { object: 'certificate' })).toEqual(['cert_2']);
  });

  it('deletes nothing while a certificate in it cannot be written anew', async () => {
    const first = await folder.open();
    await first.note(eventOf('certificate', 'cert_1', day(0), { expires_at: day(90) }));
    await first.close();
    folder.clock.advance(30 * DAY_MS);
    const second = await folder.open({ keepMs: 7 * DAY_MS });
    folder.disk.failing = 'ENOSPC';
    await vi.waitFor(() => expect(second.warnings.join()).toContain('ENOSPC'));
    expect(folder.files('journal').some((name) => name.startsWith(first.writer))).toBe(true);
    folder.disk.failing = null;
    folder.clock.advance(HOUR_MS);
    await vi.waitFor(() => expect(folder.files('journal').some((name) => name.startsWith(first.writer))).toBe(false));
    expect(await ids(second, { object: 'certificate' })).toEqual(['cert_1']);
    expect(folder.problems()).toEqual([]);
  });

  it('goes by when it wrote a certificate anew, not by when that was created', () => {
    const journal = new Journal({
      directory: folder.directory,
      writer: '00000000000000aa',
      wallTime: () => Date.parse(day(30)),
      fileSystem: nodeFileSystem,
    });
    const certificate = eventOf('certificate', 'cert_1', day(0), { expires_at: day(90) });
    journal.append([encodeEvent(certificate, day(30.5)), encodeEvent(certificate, day(30.9))]);
    journal.close();
    const summary = summarizeSegment(folder.directory, journal.segment, Date.parse(day(40)));
    expect(summary).toMatchObject({ newestMs: Date.parse(day(30.9)), certificates: [certificate] });
  });
});
