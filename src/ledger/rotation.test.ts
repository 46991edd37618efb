import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intentOf, LedgerFolder, recordOf } from '../../test/support/ledger-folder.ts';
import { decodeHeader, type SegmentHeader } from './journal/journal-format.ts';
import type { GenerationContent } from './ledger.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const DAY_MS = 24 * 60 * 60 * 1000;

function contentOf(text: string): GenerationContent {
  return { request: Buffer.from(text), attempts: [] };
}

function headerOf(name: string): SegmentHeader {
  const decoded = decodeHeader(readFileSync(join(folder.directory, 'journal', name)));
  if (decoded.kind !== 'header') throw new Error(`${name} has no header`);
  return decoded.header;
}

describe('a file of the journal', () => {
  it('is followed by the next one when it is full, in one chain', async () => {
    const ledger = await folder.open({ rotation: { bytes: 5000, ageMs: DAY_MS } });
    for (let index = 0; index < 60; index++) await ledger.finish(recordOf(`gen_${index}`), null);
    const names = folder.files('journal');
    expect(names.length).toBeGreaterThan(3);
    const frames = folder.frames(ledger.writer);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    for (const [index, name] of names.entries()) {
      const first = frames.find(({ segment }) => segment === name);
      const before = frames.filter(({ segment }) => names.indexOf(segment) < index).at(-1);
      expect(headerOf(name)).toMatchObject({
        segment: index + 1,
        firstSeq: first?.seq,
        previous: before?.hash ?? null,
      });
      if (index < names.length - 1) {
        const { size } = statSync(join(folder.directory, 'journal', name));
        expect(size).toBeGreaterThanOrEqual(5000);
        expect(size).toBeLessThan(6000);
      }
    }
    await ledger.close();
    expect(folder.problems()).toEqual([]);
    const again = await folder.open();
    for (const index of [0, 30, 59]) expect(await again.find(`gen_${index}`)).toMatchObject({ status: 'complete' });
  });

  it('is followed by the next one a day after it was begun, when there is something to write', async () => {
    const ledger = await folder.open();
    await ledger.begin(intentOf('gen_1'));
    folder.clock.advance(10_000);
    folder.clock.advance(DAY_MS - 10_001);
    await ledger.begin(intentOf('gen_2'));
    expect(folder.files('journal')).toHaveLength(1);
    folder.clock.advance(1);
    expect(folder.files('journal')).toHaveLength(1);
    await ledger.begin(intentOf('gen_3'));
    expect(folder.files('journal')).toEqual([`${ledger.writer}-1.jnl`, `${ledger.writer}-2.jnl`]);
    expect(headerOf(`${ledger.writer}-2.jnl`).createdAt).toBe('2026-11-03T12:00:00.000Z');
  });

  it('that cannot be begun refuses what was to stand in it, and is begun when it can', async () => {
    const ledger = await folder.open({ rotation: { bytes: 1000, ageMs: DAY_MS } });
    for (let index = 0; index < 2; index++) await ledger.finish(recordOf(`gen_${index}`), null);
    folder.disk.failing = 'EROFS';
    await expect(ledger.begin(intentOf('gen_3'))).rejects.toThrow('EROFS');
    await expect(ledger.begin(intentOf('gen_4'))).rejects.toThrow('EROFS');
    folder.disk.failing = null;
    await ledger.begin(intentOf('gen_5'));
    expect(folder.files('journal')).toHaveLength(2);
    const frames = folder.frames(ledger.writer);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(headerOf(`${ledger.writer}-2.jnl`)).toMatchObject({ firstSeq: 4, previous: frames[2]?.hash });
    expect(folder.problems()).toEqual([]);
  });
});

describe('a file of the content', () => {
  it('is followed by the next one when it is full or a day old, and what it holds is found', async () => {
    const ledger = await folder.open({ rotation: { bytes: 10_000, ageMs: DAY_MS } });
    for (let index = 0; index < 10; index++) {
      await ledger.finish(recordOf(`gen_${index}`), contentOf(`${index}${'x'.repeat(3000)}`));
    }
    expect(folder.files('content')).toHaveLength(3);
    folder.clock.advance(DAY_MS);
    await ledger.finish(recordOf('gen_10'), contentOf('late'));
    expect(folder.files('content')).toHaveLength(4);
    for (let index = 0; index < 10; index++) {
      const found = await ledger.find(`gen_${index}`);
      expect(found).toMatchObject({ content: 'kept', request: { body: `${index}${'x'.repeat(3000)}` } });
    }
    expect(await ledger.find('gen_10')).toMatchObject({ request: { body: 'late' } });
  });
});
