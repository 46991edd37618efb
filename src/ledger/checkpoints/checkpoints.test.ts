import { createPublicKey } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intentOf, LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import { checkpointHash, decodeStatement, isSignedBy, ledgerKeyId } from './checkpoint-format.ts';
import { decodeHeader } from '../journal/journal-format.ts';
import type { Ledger } from '../ledger.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

const path = (...names: string[]): string => join(folder.directory, ...names);
/** What stands before a frame's payload. */
const FRAME_PREFIX_BYTES = 40;
const LOG = ['journal', 'checkpoints.jsonl'] as const;
const publicKey = (name = 'ledger.pub'): ReturnType<typeof createPublicKey> =>
  createPublicKey(readFileSync(path('keyring', name)));
const kinds = (): readonly string[] => folder.statements().map(({ kind, count }) => `${kind} ${count}`);

async function finish(ledger: Ledger, first: number, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `gen_${first + index}`);
  await Promise.all(ids.map((id) => ledger.finish(recordOf(id), null)));
}

/** Lets the work of this tick be done. */
function tick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a checkpoint', () => {
  it('stands in the log and, with the same bytes, in the chain of who signed it, right after what it covers', async () => {
    const ledger = await folder.open();
    await ledger.begin(intentOf('gen_1'));
    await ledger.finish(recordOf('gen_1'), null);
    await ledger.close();
    const frames = folder.frames(ledger.writer);
    expect(frames.map(({ text }) => text).filter((text) => decodeStatement(text) !== null)).toEqual(folder.lines());
    const [opened, closed] = folder.statements();
    const header = decodeHeader(readFileSync(path('journal', `${ledger.writer}-1.jnl`)));
    expect(opened).toEqual({
      kind: 'opened',
      by: ledger.writer,
      writer: ledger.writer,
      segment: `${ledger.writer}-1.jnl`,
      seq: 0,
      head: header.kind === 'header' ? header.hash.toString('hex') : null,
      count: 0,
      at: '2026-11-02T12:00:00.000Z',
      previous: null,
      key: ledgerKeyId(publicKey()),
    });
    expect(closed).toMatchObject({ kind: 'closed', seq: 3, head: frames[2]?.hash, count: 1 });
    expect(frames.at(-1)).toMatchObject({ seq: 4, text: folder.lines()[1] });
    expect(closed?.previous).toBe(checkpointHash(folder.lines()[0] ?? ''));
  });

  it('has its members in the order it is signed in, and a signature that fits them alone', async () => {
    await (await folder.open()).close();
    const [line = ''] = folder.lines();
    expect(Object.keys(JSON.parse(line) as object)).toEqual(
      'type kind by writer segment seq head count at previous key signature'.split(' '),
    );
    expect(isSignedBy(line, publicKey())).toBe(true);
    expect(isSignedBy(line.replace('"count":0', '"count":1'), publicKey())).toBe(false);
    expect(isSignedBy(line.replace(',"signature"', ',"note":1,"signature"'), publicKey())).toBe(false);
  });
});

describe('a checkpoint of a chain that runs', () => {
  it('is due with every thousandth record, not before, and after those who wait for it have been told', async () => {
    const ledger = await folder.open();
    await finish(ledger, 0, 999);
    await tick();
    expect(kinds()).toEqual(['opened 0']);
    await finish(ledger, 999, 1);
    expect(kinds()).toEqual(['opened 0']);
    await tick();
    expect(kinds()).toEqual(['opened 0', 'running 1000']);
    await finish(ledger, 1000, 2500);
    await tick();
    expect(kinds()).toEqual(['opened 0', 'running 1000', 'running 3500']);
    const [, , last] = folder.statements();
    const frames = folder.frames(ledger.writer);
    expect(frames[(last?.seq ?? 0) - 1]?.hash).toBe(last?.head);
  });

  it('is due ten seconds after the first frame that is not covered, and never while nothing is new', async () => {
    const ledger = await folder.open();
    folder.clock.advance(3_600_000);
    expect(kinds()).toEqual(['opened 0']);
    await ledger.begin(intentOf('gen_1'));
    folder.clock.advance(9_999);
    expect(kinds()).toEqual(['opened 0']);
    await ledger.finish(recordOf('gen_1'), null);
    folder.clock.advance(1);
    expect(kinds()).toEqual(['opened 0', 'running 1']);
    folder.clock.advance(3_600_000);
    expect(kinds()).toEqual(['opened 0', 'running 1']);
  });
});

describe('a checkpoint that cannot be written', () => {
  it('costs no record anything, is told of once, and comes with the next one due', async () => {
    const told: string[] = [];
    const ledger = await folder.open({ onWarning: (message) => told.push(message) });
    folder.disk.failing = 'ENOSPC';
    folder.disk.concerns = (name) => name.endsWith('.jsonl');
    await finish(ledger, 0, 1000);
    await tick();
    folder.clock.advance(30_000);
    expect(ledger.failure).toBeNull();
    expect(told).toEqual([expect.stringContaining('a checkpoint could not be written')]);
    expect(ledger.warnings).toEqual(told);
    expect(kinds()).toEqual(['opened 0']);
    folder.disk.failing = null;
    folder.clock.advance(10_000);
    expect(kinds()).toEqual(['opened 0', 'running 1000']);
    expect(folder.lines().every((line) => isSignedBy(line, publicKey()))).toBe(true);
  });

  it('that is in the log but not in the chain becomes the next frame of all', async () => {
    const ledger = await folder.open();
    await finish(ledger, 0, 1);
    folder.disk.failing = 'ENOSPC';
    folder.disk.concerns = (name) => name.endsWith('.jnl');
    folder.clock.advance(10_000);
    expect(kinds()).toEqual(['opened 0', 'running 1']);
    expect(folder.frames(ledger.writer)).toHaveLength(2);
    await expect(ledger.begin(intentOf('gen_2'))).rejects.toThrow('ENOSPC');
    // The next one must not stand in the log before this one stands in the chain.
    folder.clock.advance(60_000);
    expect(kinds()).toEqual(['opened 0', 'running 1']);
    folder.disk.failing = null;
    await ledger.begin(intentOf('gen_3'));
    const texts = folder.frames(ledger.writer).map(({ text }) => text);
    expect(texts[2]).toBe(folder.lines()[1]);
    expect(texts[3]).toContain('gen_3');
    expect(folder.problems()).toEqual([]);
  });
});

describe('a checkpoint that its process did not live to put into the chain', () => {
  it.each([
    ['running', 1],
    ['opened', 0],
  ])('%s: is no fault, and the chain ends before it', async (kind, count) => {
    const first = await folder.open();
    if (count > 0) {
      await finish(first, 0, count);
      folder.clock.advance(10_000);
    }
    const segment = path('journal', `${first.writer}-1.jnl`);
    const last = folder.lines().at(-1) ?? '';
    const bytes = readFileSync(segment);
    writeFileSync(segment, bytes.subarray(0, bytes.indexOf(last) - FRAME_PREFIX_BYTES));
    rmSync(path('lock'));
    const before = folder.frames(first.writer).length;
    await folder.open();
    expect(decodeStatement(last)?.kind).toBe(kind);
    expect(folder.statements().at(-1)).toMatchObject({ kind: 'found', writer: first.writer, seq: before, count });
    expect(folder.problems()).toEqual([]);
  });
});

describe('the chain of a writer that is no more', () => {
  async function die(write: (ledger: Ledger) => Promise<unknown>): Promise<Ledger> {
    const ledger = await folder.open();
    await write(ledger);
    // As after a kill: nothing is closed, and its lock is stale.
    rmSync(path('lock'));
    return ledger;
  }

  it('is read to its end and signed by the next, once', async () => {
    const first = await die((ledger) => finish(ledger, 0, 3));
    const second = await folder.open();
    const last = folder.frames(first.writer).at(-1);
    expect(folder.statements().map(({ kind }) => kind)).toEqual(['opened', 'opened', 'found']);
    expect(folder.statements()[2]).toMatchObject({
      kind: 'found',
      by: second.writer,
      writer: first.writer,
      segment: `${first.writer}-1.jnl`,
      seq: last?.seq,
      head: last?.hash,
      count: 3,
    });
    expect(second.warnings).toEqual([]);
    await second.close();
    await folder.open();
    expect(folder.statements().filter(({ kind }) => kind === 'found')).toHaveLength(1);
  });

  it('is signed as far as it is whole', async () => {
    const first = await die((ledger) => finish(ledger, 0, 3));
    const segment = path('journal', `${first.writer}-1.jnl`);
    writeFileSync(segment, readFileSync(segment).subarray(0, -5));
    await folder.open();
    expect(folder.statements().at(-1)).toMatchObject({ kind: 'found', seq: 3, count: 2 });
    expect(folder.problems()).toEqual([]);
  });

  it('counts on from the last checkpoint, over several segments', async () => {
    const first = await folder.open({ rotation: { bytes: 2000, ageMs: 3_600_000 } });
    for (let round = 0; round < 20; round++) await finish(first, 10 * round, 10);
    folder.clock.advance(10_000);
    for (let round = 20; round < 30; round++) await finish(first, 10 * round, 10);
    rmSync(path('lock'));
    await folder.open();
    expect(folder.files('journal').length).toBeGreaterThan(20);
    expect(folder.statements().at(-1)).toMatchObject({ kind: 'found', writer: first.writer, count: 300 });
    expect(folder.problems()).toEqual([]);
  });

  it.each([
    [
      'lacks a frame that was signed',
      (segment: string) => writeFileSync(segment, readFileSync(segment).subarray(0, 600)),
      'which was signed',
    ],
    [
      'has been changed before the frame that was signed',
      (segment: string) => {
        const bytes = readFileSync(segment);
        bytes[bytes.indexOf('gen_1') + 4] = 0x39;
        writeFileSync(segment, bytes);
      },
      'is damaged at byte',
    ],
    ['is gone', (segment: string) => rmSync(segment), null],
  ])('that %s is not signed', async (_, damage, reason) => {
    const first = await die(async (ledger) => {
      await finish(ledger, 0, 3);
      folder.clock.advance(10_000);
      await finish(ledger, 3, 1);
    });
    damage(path('journal', `${first.writer}-1.jnl`));
    const second = await folder.open();
    expect(folder.statements().filter(({ kind }) => kind === 'found')).toEqual([]);
    const unsigned = second.warnings.filter((warning) => warning.includes('is not signed'));
    expect(unsigned).toEqual(reason === null ? [] : [expect.stringContaining(reason)]);
  });
});

describe('the log of checkpoints', () => {
  it('loses a line that a crash has torn, at the next opening', async () => {
    await (await folder.open()).close();
    const whole = readFileSync(path(...LOG));
    appendFileSync(path(...LOG), '{"type":"checkpoint","ki');
    await folder.open();
    expect(readFileSync(path(...LOG)).subarray(0, whole.length)).toEqual(whole);
    expect(kinds()).toEqual(['opened 0', 'closed 0', 'opened 0']);
  });

  it('takes no line after one that another process has torn, until that is cut off', async () => {
    const ledger = await folder.open();
    await finish(ledger, 0, 1);
    appendFileSync(path(...LOG), '{"type":"checkpoint","ki');
    folder.clock.advance(10_000);
    expect(ledger.warnings).toEqual([expect.stringContaining('is not whole')]);
    await folder.clock.passUntil(ledger.recover('0123456789abcdef'));
    folder.clock.advance(10_000);
    expect(kinds()).toEqual(['opened 0', 'running 1']);
  });

  it('is readable by its owner only', async () => {
    await folder.open();
    expect(statSync(path(...LOG)).mode & 0o777).toBe(0o600);
  });
});

describe('the key that signs', () => {
  it('is made once, readable by its owner only, with its public half beside it', async () => {
    await (await folder.open()).close();
    const made = readFileSync(path('keyring', 'ledger.key'), 'utf8');
    expect(made).toContain('BEGIN PRIVATE KEY');
    expect(statSync(path('keyring', 'ledger.key')).mode & 0o777).toBe(0o600);
    const second = await folder.open();
    expect(readFileSync(path('keyring', 'ledger.key'), 'utf8')).toBe(made);
    expect(second.warnings).toEqual([]);
    expect(new Set(folder.statements().map(({ key }) => key)).size).toBe(1);
  });

  it('that is lost is made anew, said so, and the old public half is kept for what it signed', async () => {
    await (await folder.open()).close();
    const [old] = folder.statements();
    rmSync(path('keyring', 'ledger.key'));
    const second = await folder.open();
    expect(second.warnings).toEqual([expect.stringContaining('keyring/ledger.key was not there and was made anew')]);
    expect(folder.statements().at(-1)?.key).toBe(ledgerKeyId(publicKey()));
    expect(isSignedBy(folder.lines()[0] ?? '', publicKey(`ledger-${old?.key}.pub`))).toBe(true);
    expect(isSignedBy(folder.lines()[0] ?? '', publicKey())).toBe(false);
    expect(folder.problems()).toEqual([]);
  });

  it.each([
    ['ledger.key', 'nonsense', /is not an Ed25519 key/],
    ['ledger.key', null, /cannot be read \(EISDIR\)/],
    ['content.key', null, /cannot be read \(EISDIR\)/],
  ])(
    '%s that cannot be used (%s) keeps the ledger from opening, which says what to do',
    async (name, text, message) => {
      await (await folder.open()).close();
      const file = path('keyring', name);
      renameSync(file, `${file}.away`);
      if (text === null) mkdirSync(file);
      else writeFileSync(file, text);
      await expect(folder.open()).rejects.toThrow(message);
      await expect(folder.open()).rejects.toThrow(`move ${file} away to have a new one made`);
      rmSync(file, { recursive: true });
      renameSync(`${file}.away`, file);
      await folder.open();
      expect(existsSync(path('lock'))).toBe(true);
    },
  );
});
