import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { GenerationContent, Ledger } from '../../src/ledger/ledger.ts';
import { eventOf, intentOf, LedgerFolder, recordOf } from './ledger-folder.ts';
import { turns } from './manual-clock.ts';

/** The files of a state folder that are its ledger, by their path in it. */
export type LedgerImage = ReadonlyMap<string, Buffer>;

/** Takes the image of a folder as it is now: what a crash at this moment would leave. */
export function imageOf(directory: string): LedgerImage {
  const image = new Map<string, Buffer>();
  for (const folder of ['journal', 'content', 'keyring']) {
    for (const name of readdirSync(join(directory, folder)).toSorted()) {
      image.set(`${folder}/${name}`, readFileSync(join(directory, folder, name)));
    }
  }
  return image;
}

/** Puts an image into a folder. */
export function writeImage(image: LedgerImage, directory: string): void {
  for (const [name, bytes] of image) {
    mkdirSync(join(directory, dirname(name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
}

/** A folder that holds one image after the other; only files that differ are written. */
export class ImageFolder {
  readonly directory = mkdtempSync(join(tmpdir(), 'candor-image-'));
  #held: LedgerImage = new Map();

  hold(image: LedgerImage): void {
    for (const [name, bytes] of image) {
      if (this.#held.get(name) !== bytes) writeImage(new Map([[name, bytes]]), this.directory);
    }
    for (const name of this.#held.keys()) if (!image.has(name)) rmSync(join(this.directory, name));
    this.#held = image;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const ROTATION = { bytes: 5000, ageMs: 24 * 60 * 60 * 1000 };
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Builds a ledger as a year could leave it, with the real writers: one that crashed in the middle of
 * a write and was found, one that closed with a worker beside it that died, one that has just
 * crashed; over several segments each, with checkpoints, requests that were interrupted, content and
 * a long body. @param keepDays after how many days records go; `null`: never
 */
export async function buildLedger(random: () => number, keepDays: number | null): Promise<LedgerImage> {
  const first = new LedgerFolder();
  const crashed = await first.open({ rotation: ROTATION });
  await work(first, crashed, 'a', random, 40);
  await crashed.begin(intentOf('gen_a_cut'));
  const second = new LedgerFolder();
  writeImage(torn(imageOf(first.directory), crashed.writer, random), second.directory);
  await first.close();

  second.clock.advance(DAY_MS);
  const closed = await second.open({ rotation: ROTATION });
  const worker = await second.open({ rotation: ROTATION, shared: true });
  await Promise.all([work(second, closed, 'b', random, 30), work(second, worker, 'c', random, 20)]);
  await worker.begin(intentOf('gen_c_cut'));
  const third = new LedgerFolder();
  writeImage(imageOf(second.directory), third.directory);
  await second.close();

  third.clock.advance(3 * DAY_MS);
  const owner = await third.open({ rotation: ROTATION });
  await work(third, owner, 'd', random, 15);
  await owner.close();
  const last = await third.open({ rotation: ROTATION, keepMs: keepDays === null ? null : keepDays * DAY_MS });
  await work(third, last, 'e', random, 25);
  await last.begin(intentOf('gen_e_cut'));
  await last.finish(recordOf('gen_e_last', at(third)), contentOf(random));
  const image = torn(imageOf(third.directory), last.writer, random);
  await third.close();
  return image;
}

/** Some requests: intents and finals in ticks of their own or together, a checkpoint now and then. */
async function work(
  folder: LedgerFolder,
  ledger: Ledger,
  name: string,
  random: () => number,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const id = `gen_${name}_${index}`;
    await ledger.begin(intentOf(id));
    const record = { ...recordOf(id, at(folder)), why: 'x'.repeat(Math.floor(random() * 300)) };
    if (index % 9 === 4) {
      const body = ledger.beginBody();
      for (let piece = 0; piece < 3; piece++) body.append(Buffer.from(`piece ${piece} of ${id} `.repeat(9)));
      const attempts = [{ sent: null, received: [Buffer.from('the end')], receivedBefore: body }];
      await ledger.finish(record, { request: Buffer.from('long'), attempts });
    } else await ledger.finish(record, random() < 0.7 ? contentOf(random) : null);
    if (index % 7 === 3) await ledger.note(eventOf('outcome', `out_${name}_${index}`, at(folder), { accepted: true }));
    if (random() < 0.15) folder.clock.advance(10_000);
  }
  await turns(2);
}

function at(folder: LedgerFolder): string {
  return new Date(folder.clock.wallTime()).toISOString();
}

function contentOf(random: () => number): GenerationContent {
  const text = 'question '.repeat(Math.floor(random() * 20) + 1);
  return {
    request: Buffer.from(text),
    attempts: [
      {
        sent: Buffer.from(`{"model":"x"}${text}`),
        received: [Buffer.from('an'), Buffer.from(`swer ${random()}`)],
        evidence: Buffer.from('[{"verdict":0,"evidence":["of it"]}]'),
      },
    ],
  };
}

/** The image with the writer's last frame cut somewhere inside, as a crash in the middle of its write leaves it. */
function torn(image: LedgerImage, writer: string, random: () => number): LedgerImage {
  const name = segmentsOf(image, writer).at(-1) ?? '';
  const bytes = image.get(name) ?? Buffer.alloc(0);
  const start = bytes.lastIndexOf(0x0a, -2) + 1;
  const cut = start + 41 + Math.floor(random() * (bytes.length - start - 41));
  return new Map([...image, [name, bytes.subarray(0, cut)]]);
}

/** Names of the journal's segments in an image, each writer's in its order. */
export function segmentsOf(image: LedgerImage, writer = ''): readonly string[] {
  const number = (name: string): number => Number(/-(\d+)\.jnl$/.exec(name)?.[1]);
  return [...image.keys()]
    .filter((name) => name.startsWith(`journal/${writer}`) && name.endsWith('.jnl'))
    .toSorted((a, b) => number(a) - number(b));
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
