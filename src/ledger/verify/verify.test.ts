import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intentOf, LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import {
  buildLedger,
  ImageFolder,
  imageOf,
  type LedgerImage,
  seededRandom,
} from '../../../test/support/ledger-image.ts';
import { MUTATIONS } from '../../../test/support/ledger-mutations.ts';
import { runMutations, verified } from '../../../test/support/mutation-run.ts';
import { encodeKeptKey } from '../checkpoints/kept-checkpoints.ts';
import { checkpointHash, ledgerKeyId, signStatement } from '../checkpoints/checkpoint-format.ts';
import type { GenerationContent, Ledger } from '../ledger.ts';
import type { LedgerVerification } from './verification.ts';
import { verifyLedger, type VerifyOptions } from './verify.ts';

let folder: LedgerFolder;
let images: ImageFolder;
beforeEach(() => {
  folder = new LedgerFolder();
  images = new ImageFolder();
});
afterEach(async () => {
  images.remove();
  await folder.close();
});

const path = (...names: string[]): string => join(folder.directory, ...names);
const LOG = 'journal/checkpoints.jsonl';
const CONTENT: GenerationContent = {
  request: Buffer.from('q'),
  attempts: [{ sent: null, received: [Buffer.from('a')] }],
};

function verify(options: Partial<VerifyOptions> = {}): LedgerVerification {
  return verifyLedger(folder.directory, { publicKeys: null, keptCheckpoints: null, ...options });
}

/** Requests, each with intent, final and content. */
async function work(ledger: Ledger, first: number, count: number): Promise<void> {
  for (let index = first; index < first + count; index++) {
    await ledger.begin(intentOf(`gen_${index}`));
    await ledger.finish(recordOf(`gen_${index}`), CONTENT);
  }
}

/** The bytes of a segment with one bit of a frame changed, and where that frame begins. */
function damaged(name: string, seq: number): { readonly bytes: Buffer; readonly offset: number } {
  const bytes = Buffer.from(readFileSync(path(name)));
  let offset = 20 + bytes.readUInt32BE(12) + 1;
  for (let before = 1; before < seq; before++) offset += 41 + bytes.readUInt32BE(offset);
  bytes[offset + 60] = (bytes[offset + 60] ?? 0) ^ 4;
  return { bytes, offset };
}

describe('a ledger that is whole', () => {
  it('is found so, empty, while it is written, and closed', async () => {
    const ledger = await folder.open();
    expect(verify()).toMatchObject({ ok: true, records: 0, checkpoints: 1, writers: [{ frames: 1, unprotected: 0 }] });
    await work(ledger, 0, 3);
    const running = verify();
    expect(running).toMatchObject({
      ok: true,
      problems: [],
      records: 3,
      checkpoints: 1,
      content: { kept: 3, erased: 0, damaged: 0 },
    });
    expect(running.writers).toEqual([
      {
        writer: ledger.writer,
        segments: 1,
        first_seq: 1,
        frames: 7,
        records: 3,
        head: folder.frames(ledger.writer).at(-1)?.hash,
        state: 'open',
        last_checkpoint: { seq: 0, at: '2026-11-02T12:00:00.000Z' },
        unprotected: 6,
        problems: [],
      },
    ]);
    folder.clock.advance(10_000);
    await work(ledger, 3, 1);
    await ledger.begin(intentOf('gen_open'));
    expect(verify().writers).toMatchObject([{ last_checkpoint: { seq: 7 }, unprotected: 3, state: 'open' }]);
    expect(verify().notes).toEqual([
      expect.stringMatching(/3 records are newer than its last checkpoint/),
      expect.stringMatching(/requests that have begun and have no final record: 1/),
      expect.stringMatching(/public keys lie beside the ledger/),
    ]);
    await ledger.finish(recordOf('gen_open'), null);
    await ledger.close();
    expect(verify()).toMatchObject({ ok: true, writers: [{ state: 'closed', unprotected: 0, records: 5 }] });
  });

  it('stays as it is: nothing is written by the check', async () => {
    await work(await folder.open(), 0, 2);
    const before = imageOf(folder.directory);
    const names = readdirSync(folder.directory, { recursive: true });
    verify();
    expect(readdirSync(folder.directory, { recursive: true })).toEqual(names);
    expect(imageOf(folder.directory)).toEqual(before);
  });

  it('may be cut anywhere in its last frame by a crash', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 2);
    const image = imageOf(folder.directory);
    const name = `journal/${ledger.writer}-1.jnl`;
    const bytes = image.get(name) ?? Buffer.alloc(0);
    const last = JSON.stringify({ type: 'final' }).slice(0, -1);
    const start = bytes.lastIndexOf(last) - 40;
    for (let cut = start; cut < bytes.length; cut++) {
      // Inside the payload every eleventh will do.
      if (cut > start + 45 && cut < bytes.length - 5 && cut % 11 !== 0) continue;
      const result = verified(new Map([...image, [name, bytes.subarray(0, cut)]]), images);
      expect(result).toMatchObject({ ok: true, records: 1, writers: [{ state: cut === start ? 'open' : 'torn' }] });
    }
  });

  it('counts content that was erased, and says when there is no key to check the rest', async () => {
    const ledger = await folder.open({ rotation: { bytes: 300, ageMs: 1e9 } });
    await work(ledger, 0, 6);
    await ledger.close();
    const [erased = ''] = folder.files('content');
    rmSync(path('content', erased));
    const { content, ok, notes } = verify();
    expect({ ok, damaged: content.damaged, sum: (content.kept ?? 0) + content.erased }).toEqual({
      ok: true,
      damaged: 0,
      sum: 6,
    });
    expect(content.erased).toBeGreaterThan(0);
    expect(notes).toContainEqual(expect.stringMatching(/whose content was erased: \d/));
    rmSync(path('keyring', 'content.key'));
    const unknown = verify();
    expect(unknown).toMatchObject({ ok: true, content: { kept: null, erased: content.erased, damaged: null } });
    expect(unknown.notes).toContainEqual(expect.stringMatching(/content was not checked/));
  });
});

describe('the first bad record', () => {
  it('is named by segment, byte and number, for each writer', async () => {
    const first = await folder.open({ rotation: { bytes: 1500, ageMs: 1e9 } });
    await work(first, 0, 6);
    await first.close();
    const second = await folder.open();
    await work(second, 6, 3);
    await second.close();
    expect(folder.files('journal').length).toBeGreaterThan(2);
    const names = [`journal/${first.writer}-1.jnl`, `journal/${second.writer}-1.jnl`] as const;
    const bad = [damaged(names[0], 2), damaged(names[1], 5)] as const;
    for (const index of [0, 1] as const) writeFileSync(path(names[index]), bad[index].bytes);
    const result = verify();
    expect(result.ok).toBe(false);
    expect(result.problems.map(({ writer, segment, offset, seq }) => [writer, segment, offset, seq])).toEqual(
      expect.arrayContaining([
        [first.writer, `${first.writer}-1.jnl`, bad[0].offset, 2],
        [second.writer, `${second.writer}-1.jnl`, bad[1].offset, 5],
      ]),
    );
    expect(result.problems).toHaveLength(2);
    expect(result.problems[0]?.reason).toMatch(/not what its checksum says/);
    // What lies in the segments after it is checked all the same.
    expect(result.writers.find(({ writer }) => writer === first.writer)?.frames).toBeGreaterThan(5);
  });

  it('lies, where a chain was hashed again, between the last checkpoint that holds and the first that does not', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 3);
    folder.clock.advance(10_000);
    await work(ledger, 3, 3);
    await ledger.close();
    const image = imageOf(folder.directory);
    const covered = folder.statements().map(({ seq }) => seq);
    expect(covered).toEqual([0, 7, 14]);
    const forge = MUTATIONS['replaceFieldRehash'];
    const random = seededRandom(5);
    for (let run = 0; run < 20; run++) {
      const { problems } = verified(forge?.(image, random) ?? image, images);
      expect(problems.length).toBeGreaterThan(0);
      const [seq, reason] = [problems[0]?.seq ?? 0, problems[0]?.reason ?? ''];
      if (/is not the frame that was signed/.test(reason)) expect(covered).toContain(seq);
    }
  });

  it('is told of 250 at once, as a hundred and how many more', async () => {
    const ledger = await folder.open();
    for (let index = 0; index < 250; index++) await ledger.finish(recordOf(`gen_${index}`), CONTENT);
    await ledger.close();
    const [name = ''] = folder.files('content');
    writeFileSync(path('content', name), 'x'.repeat(100_000));
    const { problems, content } = verify();
    expect(content).toEqual({ kept: 0, erased: 0, damaged: 250 });
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.reason).toBe('and 150 more like these');
  });
});

describe('what is signed', () => {
  it('is checked with the keys given, else with those beside the ledger; without any, nothing holds', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 1);
    await ledger.close();
    const own = readFileSync(path('keyring', 'ledger.pub'), 'utf8');
    expect(verify({ publicKeys: own })).toMatchObject({ ok: true, notes: [] });
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(verify({ publicKeys: other }).problems).toEqual([
      expect.objectContaining({
        reason: expect.stringMatching(/2 checkpoints could not be checked.*not at hand/) as string,
      }),
    ]);
    expect(verify({ publicKeys: `${other}${own}` }).ok).toBe(true);
    rmSync(path('keyring', 'ledger.pub'));
    expect(verify().problems).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/there is no public key at hand/) as string }),
    ]);
  });

  it('outlives the key it was signed with', async () => {
    await (await folder.open()).close();
    renameSync(path('keyring', 'ledger.key'), path('keyring', 'away'));
    await (await folder.open()).close();
    expect(new Set(folder.statements().map(({ key }) => key)).size).toBe(2);
    expect(verify()).toMatchObject({ ok: true, checkpoints: 4 });
  });

  it('vouch for those before them: a writer that is gone with all its traces is missed', async () => {
    const writers: string[] = [];
    for (const first of [0, 2, 4]) {
      const ledger = await folder.open();
      await work(ledger, first, 2);
      await ledger.close();
      writers.push(ledger.writer);
    }
    expect(verify()).toMatchObject({ ok: true, checkpoints: 6 });
    for (const gone of writers.slice(0, 2)) {
      const left = [...imageOf(folder.directory)].filter(([name]) => !name.includes(gone));
      const lines = folder.lines().filter((line) => !line.includes(gone));
      const image: LedgerImage = new Map([...left, [LOG, Buffer.from([...lines, ''].join('\n'))]]);
      expect(verified(image, images).problems).toContainEqual(
        expect.objectContaining({ reason: 'what stood before it when it was signed was changed or taken out' }),
      );
    }
  });

  it('must speak of every writer', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 2);
    const image = imageOf(folder.directory);
    const none: LedgerImage = new Map([...image].filter(([name]) => name !== LOG));
    expect(verified(none, images).problems).toContainEqual(
      expect.objectContaining({
        writer: ledger.writer,
        reason: expect.stringMatching(/no checkpoint speaks of this writer/) as string,
      }),
    );
  });
});

describe('a checkpoint without its frame', () => {
  /** Adds a line to the log that is all right by itself and was made by the key, up to this frame. */
  function addLine(ledger: Ledger, seq: number): void {
    const key = createPrivateKey(readFileSync(path('keyring', 'ledger.key')));
    const frame = folder.frames(ledger.writer).find((found) => found.seq === seq);
    const subject = {
      writer: ledger.writer,
      segment: frame?.segment ?? '',
      seq,
      head: frame?.hash ?? '',
      count: seq >> 1,
    };
    const previous = checkpointHash(folder.lines().at(-1) ?? '');
    const at = new Date(0).toISOString();
    const line = signStatement(
      { kind: 'running', by: ledger.writer, ...subject, at, previous, key: ledgerKeyId(key) },
      key,
    );
    appendFileSync(path(LOG), `${line}\n`);
  }

  it('is what a crash leaves, where the chain ends with what it covers', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 2);
    addLine(ledger, 5);
    expect(verify()).toMatchObject({ ok: true, writers: [{ last_checkpoint: { seq: 5 }, unprotected: 0 }] });
  });

  it('shows that the chain was written anew, where that goes on', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 2);
    addLine(ledger, 3);
    expect(verify().problems).toEqual([
      expect.objectContaining({ seq: 3, reason: 'the frame of this checkpoint is missing in the chain of its signer' }),
    ]);
  });
});

describe('checkpoints that were kept elsewhere', () => {
  it('are none in an empty file, and nothing is shown by that', async () => {
    await work(await folder.open(), 0, 1);
    expect(verify({ keptCheckpoints: '' }).problems).toMatchObject([
      { reason: expect.stringMatching(/has none in it/) as string },
    ]);
  });

  it('show that a ledger was put back to an older state, which nothing in it can show', async () => {
    const ledger = await folder.open();
    await work(ledger, 0, 2);
    folder.clock.advance(10_000);
    const older = imageOf(folder.directory);
    await work(ledger, 2, 2);
    folder.clock.advance(10_000);
    const key = createPublicKey(readFileSync(path('keyring', 'ledger.pub')));
    const kept = [encodeKeptKey(ledgerKeyId(key), key), ...folder.lines(), ''].join('\n');
    expect(verify({ keptCheckpoints: kept })).toMatchObject({ ok: true });
    await work(ledger, 4, 1);
    expect(verify({ keptCheckpoints: kept })).toMatchObject({ ok: true });
    images.hold(older);
    expect(verified(older, images).ok).toBe(true);
    const { problems } = verifyLedger(images.directory, { publicKeys: null, keptCheckpoints: kept });
    expect(problems).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/the ledger has it no longer/) as string }),
      expect.objectContaining({
        writer: ledger.writer,
        seq: 7,
        reason: expect.stringMatching(/the chain ends here, and frames up to 10 were signed/) as string,
      }),
    ]);
  });

  it('count only when their own signature holds', async () => {
    const ledger = await folder.open();
    const [line = ''] = folder.lines();
    const forged = line.replace('"count":0', '"count":7');
    expect(verify({ keptCheckpoints: forged }).problems).toEqual([
      expect.objectContaining({ reason: 'kept checkpoint 1: its signature is not that of its key' }),
    ]);
    expect(verify({ keptCheckpoints: 'hello\n' }).problems).toEqual([
      expect.objectContaining({ reason: 'kept checkpoint 1: it is no checkpoint as one is written' }),
    ]);
    await ledger.close();
  });
});

it('detects 60 random mutations, but for cuts of a tail that no checkpoint covers yet', async () => {
  const random = seededRandom(1);
  let detected = 0;
  for (const keepDays of [null, 2]) {
    detected += runMutations(await buildLedger(random, keepDays), 30, random).detected;
  }
  expect(detected).toBeGreaterThan(45);
}, 60_000);
