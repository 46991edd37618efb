import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';

import {
  checkpointHash,
  decodeStatement,
  ledgerKeyId,
  signStatement,
} from '../../src/ledger/checkpoints/checkpoint-format.ts';
import { segmentNumber, segmentWriter } from '../../src/ledger/journal/segment-files.ts';
import { type LedgerImage, segmentsOf } from './ledger-image.ts';

/** What was done to a ledger. `null`: the kind found nothing here that it could change. */
export type Mutation = (image: LedgerImage, random: () => number) => LedgerImage | null;

/** A frame in the bytes of a segment. */
interface Frame {
  readonly start: number;
  readonly end: number;
  readonly seq: number;
  readonly text: string;
}

/** A segment taken to pieces: its header, its whole frames, and what is torn at its end. */
interface Segment {
  readonly name: string;
  readonly writer: string;
  readonly bytes: Buffer;
  readonly header: Record<string, unknown>;
  readonly headerEnd: number;
  readonly frames: readonly Frame[];
  /** Where the whole frames end. */
  readonly end: number;
}

const LOG = 'journal/checkpoints.jsonl';
const PREFIX_BYTES = 40;

function readSegment(image: LedgerImage, name: string): Segment {
  const bytes = image.get(name) ?? Buffer.alloc(0);
  const headerEnd = 20 + bytes.readUInt32BE(12) + 1;
  const header = JSON.parse(bytes.toString('utf8', 20, headerEnd - 1)) as Record<string, unknown>;
  const frames: Frame[] = [];
  let start = headerEnd;
  while (start + PREFIX_BYTES < bytes.length) {
    const end = start + PREFIX_BYTES + bytes.readUInt32BE(start) + 1;
    if (end > bytes.length) break;
    const text = bytes.toString('utf8', start + PREFIX_BYTES, end - 1);
    frames.push({ start, end, seq: Number(header['first_seq']) + frames.length, text });
    start = end;
  }
  return { name, writer: String(header['writer']), bytes, header, headerEnd, frames, end: start };
}

function readSegments(image: LedgerImage, writer = ''): readonly Segment[] {
  return segmentsOf(image, writer).map((name) => readSegment(image, name));
}

function logLines(image: LedgerImage): readonly string[] {
  return (image.get(LOG) ?? Buffer.alloc(0)).toString().split('\n').slice(0, -1);
}

/** The number of the last frame of each writer that a checkpoint covers. */
export function coveredFrames(image: LedgerImage): ReadonlyMap<string, number> {
  const covered = new Map<string, number>();
  for (const line of logLines(image)) {
    const statement = decodeStatement(line);
    if (statement === null) throw new Error(`no checkpoint: ${line}`);
    covered.set(statement.writer, Math.max(statement.seq, covered.get(statement.writer) ?? 0));
  }
  return covered;
}

/**
 * Whether all that a mutation has done is to take frames away from the ends of chains that are newer
 * than the last checkpoint, with whatever was torn there before or is now.
 */
export function isTailCut(before: LedgerImage, after: LedgerImage): boolean {
  const covered = coveredFrames(before);
  for (const [name, bytes] of before) {
    const changed = after.get(name);
    if (changed?.equals(bytes) === true) continue;
    if (!name.endsWith('.jnl')) return false;
    const { writer, frames, bytes: old } = readSegment(before, name);
    if (segmentsOf(before, `${writer}-`).at(-1) !== name && segmentsOf(after, `${writer}-`).at(-1) !== name) {
      const later = readSegments(after, `${writer}-`).some((segment) =>
        segment.frames.some(({ seq }) => seq > (frames.at(-1)?.seq ?? 0)),
      );
      if (later) return false;
    }
    const last = covered.get(writer) ?? 0;
    const kept = frames.filter(
      ({ end }) =>
        changed !== undefined && changed.length >= end && changed.subarray(0, end).equals(old.subarray(0, end)),
    );
    if (frames.slice(kept.length).some(({ seq }) => seq <= last)) return false;
    // What is left behind the kept frames must not be a frame of any kind.
    const rest = changed?.subarray(kept.at(-1)?.end ?? readSegment(before, name).headerEnd) ?? Buffer.alloc(0);
    if (rest.length > PREFIX_BYTES && rest.subarray(PREFIX_BYTES).includes(0x0a)) return false;
  }
  return [...after.keys()].every((name) => before.has(name));
}

/**
 * Whether all that a mutation has changed are segments whose deletion was signed and has not happened yet, as a crash
 * in between leaves them: that something of them is gone is as it was signed.
 */
export function isOfRetired(before: LedgerImage, after: LedgerImage): boolean {
  const retired = new Map<string, number>();
  for (const line of logLines(before)) {
    const statement = decodeStatement(line);
    if (statement?.kind === 'retired') retired.set(statement.writer, segmentNumber(statement.segment));
  }
  const isRetired = (name: string): boolean =>
    name.endsWith('.jnl') &&
    segmentNumber(name) <= (retired.get(segmentWriter(name.slice('journal/'.length))) ?? Number.NEGATIVE_INFINITY);
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].every(
    (name) => after.get(name)?.equals(before.get(name) ?? Buffer.alloc(0)) === true || isRetired(name),
  );
}

const integer = (random: () => number, below: number): number => Math.floor(random() * below);
function pick<Item>(random: () => number, items: readonly Item[]): Item | null {
  return items[integer(random, items.length)] ?? null;
}
const replaced = (image: LedgerImage, name: string, bytes: Buffer): LedgerImage => new Map([...image, [name, bytes]]);
function without(image: LedgerImage, name: string): LedgerImage {
  const left = new Map(image);
  left.delete(name);
  return left;
}

function randomSegment(image: LedgerImage, random: () => number): Segment | null {
  return pick(
    random,
    readSegments(image).filter(({ frames }) => frames.length > 0),
  );
}

function flipBit(bytes: Buffer, at: number, random: () => number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << integer(random, 8));
  return changed;
}

const flipJournalBit: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  return segment && replaced(image, segment.name, flipBit(segment.bytes, integer(random, segment.end), random));
};

const deleteBytes: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const { name, bytes, end } = segment;
  const start = integer(random, end - 1);
  const length = 1 + integer(random, Math.min(200, end - start - 1));
  return replaced(image, name, Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]));
};

const insertBytes: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const { name, bytes, end } = segment;
  const at = integer(random, end);
  const own = Buffer.from(Array.from({ length: 1 + integer(random, 60) }, () => integer(random, 256)));
  return replaced(image, name, Buffer.concat([bytes.subarray(0, at), own, bytes.subarray(at)]));
};

const swapBytes: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const changed = Buffer.from(segment.bytes);
  const one = integer(random, segment.end);
  const other = integer(random, segment.end);
  if (changed[one] === changed[other]) return null;
  [changed[one], changed[other]] = [changed[other] ?? 0, changed[one] ?? 0];
  return replaced(image, segment.name, changed);
};

/** The segment with its frames in this order; what is torn stays at the end. */
function arranged({ bytes, headerEnd, end }: Segment, frames: readonly { readonly bytes: Buffer }[]): Buffer {
  return Buffer.concat([bytes.subarray(0, headerEnd), ...frames.map((frame) => frame.bytes), bytes.subarray(end)]);
}

const framesOf = ({ bytes, frames }: Segment): { bytes: Buffer }[] =>
  frames.map(({ start, end }) => ({ bytes: bytes.subarray(start, end) }));

const deleteFrame: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const frames = framesOf(segment);
  frames.splice(integer(random, frames.length), 1 + integer(random, 3));
  return replaced(image, segment.name, arranged(segment, frames));
};

const insertFrame: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  const other = randomSegment(image, random);
  if (segment === null || other === null) return null;
  const frames = framesOf(segment);
  const own = framesOf(other);
  frames.splice(
    integer(random, frames.length + 1),
    0,
    ...own.splice(integer(random, own.length), 1 + integer(random, 2)),
  );
  return replaced(image, segment.name, arranged(segment, frames));
};

const swapFrames: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null || segment.frames.length < 2) return null;
  const frames = framesOf(segment);
  const first = integer(random, frames.length - 1);
  const [one] = frames.splice(first, 1);
  if (one !== undefined) frames.splice(first + 1 + integer(random, frames.length - first), 0, one);
  return replaced(image, segment.name, arranged(segment, frames));
};

/** A frame of this text. @param previous what it chains to; `null`: it keeps this hash */
function frameBytes(text: string, previous: Buffer | null, kept: Buffer): Buffer {
  const payload = Buffer.from(text);
  const chained = previous === null ? kept : hash('sha256', Buffer.concat([previous, payload]), 'buffer');
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(payload.length, 0);
  prefix.writeUInt32BE(crc32(Buffer.concat([chained, payload])), 4);
  return Buffer.concat([prefix, chained, payload, Buffer.from('\n')]);
}

/** The text with one of its values another one of the same type. */
function changedText(text: string, random: () => number): string {
  const digits = [...text.matchAll(/[0-9a-f](?=[0-9a-z._:"-])/g)];
  const at = pick(random, digits)?.index ?? text.length - 3;
  const old = text[at] ?? '0';
  return `${text.slice(0, at)}${old === '7' ? '8' : '7'}${random() < 0.3 ? '7' : ''}${text.slice(at + 1)}`;
}

const replaceFieldFixChecksum: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  const frame = segment && pick(random, segment.frames);
  if (segment === null || frame === null) return null;
  const frames = framesOf(segment);
  const kept = segment.bytes.subarray(frame.start + 8, frame.start + PREFIX_BYTES);
  frames[segment.frames.indexOf(frame)] = { bytes: frameBytes(changedText(frame.text, random), null, kept) };
  return replaced(image, segment.name, arranged(segment, frames));
};

/** The writer's chain with new texts from some frame on, everything after it hashed again so that it follows. */
function rehashed(image: LedgerImage, writer: string, texts: ReadonlyMap<number, readonly string[]>): LedgerImage {
  const changed = new Map(image);
  let last: string | null = null;
  let seq: number | null = null;
  for (const { name, header, bytes, frames, end } of readSegments(image, `${writer}-`)) {
    seq ??= Number(header['first_seq']);
    const json = Buffer.from(JSON.stringify({ ...header, first_seq: seq, previous: last ?? header['previous'] }));
    const start = Buffer.alloc(20);
    bytes.copy(start, 0, 0, 12);
    start.writeUInt32BE(json.length, 12);
    start.writeUInt32BE(crc32(json), 16);
    const headerBytes = Buffer.concat([start, json, Buffer.from('\n')]);
    let previous: Buffer = hash('sha256', headerBytes, 'buffer');
    const written: Buffer[] = [];
    for (const frame of frames) {
      for (const text of texts.get(frame.seq) ?? [frame.text]) {
        const own = frameBytes(text, previous, previous);
        previous = own.subarray(8, PREFIX_BYTES);
        last = previous.toString('hex');
        seq++;
        written.push(own);
      }
    }
    changed.set(name, Buffer.concat([headerBytes, ...written, bytes.subarray(end)]));
  }
  return changed;
}

/** A frame that a checkpoint covers. */
function coveredFrame(image: LedgerImage, random: () => number): (Frame & { readonly writer: string }) | null {
  const covered = coveredFrames(image);
  const frames = readSegments(image).flatMap(({ writer, frames: own }) =>
    own.filter(({ seq }) => seq <= (covered.get(writer) ?? 0)).map((frame) => ({ ...frame, writer })),
  );
  return pick(random, frames);
}

const replaceFieldRehash: Mutation = (image, random) => {
  const frame = coveredFrame(image, random);
  return frame && rehashed(image, frame.writer, new Map([[frame.seq, [changedText(frame.text, random)]]]));
};

const deleteFrameRehash: Mutation = (image, random) => {
  const frame = coveredFrame(image, random);
  return frame && rehashed(image, frame.writer, new Map([[frame.seq, []]]));
};

const spliceChainsRehash: Mutation = (image, random) => {
  const frame = coveredFrame(image, random);
  const other = coveredFrame(image, random);
  if (frame === null || other === null) return null;
  return rehashed(image, frame.writer, new Map([[frame.seq, [other.text, frame.text]]]));
};

const cutTail: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const at = random() < 0.5 ? integer(random, segment.end) : (pick(random, segment.frames)?.start ?? 0);
  return replaced(image, segment.name, segment.bytes.subarray(0, at));
};

/** Cuts a writer's last segment: what a crash could look like. */
const cutChain: Mutation = (image, random) => {
  const writer = randomSegment(image, random)?.writer ?? '';
  const name = segmentsOf(image, `${writer}-`).at(-1) ?? '';
  const { bytes, headerEnd, end } = readSegment(image, name);
  return end === headerEnd
    ? null
    : replaced(image, name, bytes.subarray(0, headerEnd + integer(random, end - headerEnd)));
};

const dropSegment: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  return segment && without(image, segment.name);
};

const swapSegments: Mutation = (image, random) => {
  const one = randomSegment(image, random);
  const other = randomSegment(image, random);
  if (one === null || other === null || one.name === other.name) return null;
  return replaced(replaced(image, one.name, other.bytes), other.name, one.bytes);
};

/** An earlier state of a segment, or another one of its writer's in its place. */
const replaySegment: Mutation = (image, random) => {
  const segment = randomSegment(image, random);
  if (segment === null) return null;
  const earlier = pick(random, segment.frames.slice(0, -1));
  if (random() < 0.5 && earlier !== null) return replaced(image, segment.name, segment.bytes.subarray(0, earlier.end));
  const other = pick(random, readSegments(image, `${segment.writer}-`));
  return other === null || other.name === segment.name ? null : replaced(image, segment.name, other.bytes);
};

const withLog = (image: LedgerImage, lines: readonly string[]): LedgerImage =>
  replaced(image, LOG, Buffer.from(lines.map((line) => `${line}\n`).join('')));

const flipLogBit: Mutation = (image, random) => {
  const bytes = image.get(LOG) ?? Buffer.alloc(0);
  return replaced(image, LOG, flipBit(bytes, integer(random, bytes.length), random));
};

/** Takes a line away. Not the last one of a signer whose own chain was deleted: it speaks of nothing that is left, and nothing is left to miss it. */
const dropLogLine: Mutation = (image, random) => {
  const lines = logLines(image);
  const by = lines.map((line) => decodeStatement(line)?.by ?? '');
  const missed = lines.flatMap((_, index) =>
    segmentsOf(image, `${by[index]}-`).length > 0 || by.lastIndexOf(by[index] ?? '') > index ? [index] : [],
  );
  return withLog(image, lines.toSpliced(pick(random, missed) ?? 0, 1));
};

const repeatLogLine: Mutation = (image, random) => {
  const lines = logLines(image);
  return withLog(image, lines.toSpliced(integer(random, lines.length + 1), 0, pick(random, lines) ?? ''));
};

/** Two lines of one signer, each in the other's place: only their order means anything. */
const swapLogLines: Mutation = (image, random) => {
  const lines = [...logLines(image)];
  const by = (line: string): string => decodeStatement(line)?.by ?? '';
  const one = integer(random, lines.length);
  const others = lines.flatMap((line, index) => (index !== one && by(line) === by(lines[one] ?? '') ? [index] : []));
  const other = pick(random, others);
  if (other === null) return null;
  [lines[one], lines[other]] = [lines[other] ?? '', lines[one] ?? ''];
  return withLog(image, lines);
};

const editLogLine: Mutation = (image, random) => {
  const lines = [...logLines(image)];
  const at = integer(random, lines.length);
  const edited = changedText(lines[at] ?? '', random);
  if (edited === lines[at]) return null;
  lines[at] = edited;
  return withLog(image, lines);
};

const cutLog: Mutation = (image, random) => {
  const bytes = image.get(LOG) ?? Buffer.alloc(0);
  return replaced(image, LOG, bytes.subarray(0, integer(random, bytes.length)));
};

/** What a forger without the key can do: a record changed, its chain hashed again, and every checkpoint signed anew. */
const signAgain: Mutation = (image, random) => {
  const frame = coveredFrame(image, random);
  if (frame === null) return null;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const changed = rehashed(image, frame.writer, new Map([[frame.seq, [changedText(frame.text, random)]]]));
  const key = random() < 0.5 ? ledgerKeyId(publicKey) : (decodeStatement(logLines(image)[0] ?? '')?.key ?? '');
  return withLog(
    changed,
    signedLines(logLines(changed), readSegments(changed, `${frame.writer}-`), { privateKey, key }),
  );
};

function signedLines(
  lines: readonly string[],
  segments: readonly Segment[],
  { privateKey, key }: { readonly privateKey: KeyObject; readonly key: string },
): readonly string[] {
  const previous = new Map<string, string>();
  return lines.map((line) => {
    const statement = decodeStatement(line);
    if (statement === null) return line;
    const segment = segments.find(({ name }) => name === `journal/${statement.segment}`);
    const frame = segment?.frames.find(({ seq }) => seq === statement.seq);
    const head =
      frame === undefined
        ? statement.head
        : segment?.bytes.toString('hex', frame.start + 8, frame.start + PREFIX_BYTES);
    const text = signStatement(
      { ...statement, head: head ?? '', previous: previous.get(statement.by) ?? null, key },
      privateKey,
    );
    previous.set(statement.by, checkpointHash(text));
    return text;
  });
}

/** A batch of content that a record points to, from its first byte to the one after its last. */
interface Batch {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

interface Pointer {
  readonly segment: string;
  readonly offset: number;
  readonly bodies: readonly {
    readonly pieces?: readonly { readonly segment: string; readonly offsets: readonly number[] }[];
  }[];
}

function batches(image: LedgerImage): readonly Batch[] {
  return readSegments(image).flatMap(({ frames }) =>
    frames.flatMap(({ text }) => {
      const { content } = JSON.parse(text) as { readonly content?: Pointer | null };
      if (content === null || content === undefined) return [];
      const pieces = content.bodies.flatMap((body) => body.pieces ?? []);
      const own = { segment: content.segment, offsets: [content.offset] };
      return [own, ...pieces].flatMap(({ segment, offsets }) =>
        offsets.map((start) => {
          const name = `content/${segment}`;
          return { name, start, end: start + PREFIX_BYTES + (image.get(name)?.readUInt32BE(start) ?? 0) };
        }),
      );
    }),
  );
}

const flipContentBit: Mutation = (image, random) => {
  const batch = pick(random, batches(image));
  if (batch === null) return null;
  const { name, start, end } = batch;
  const bytes = image.get(name) ?? Buffer.alloc(0);
  // Now and then in the bytes with which the file begins.
  const at = random() < 0.1 ? integer(random, 8) : start + integer(random, end - start);
  return replaced(image, name, flipBit(bytes, at, random));
};

const cutContent: Mutation = (image, random) => {
  const batch = pick(random, batches(image));
  if (batch === null) return null;
  return replaced(image, batch.name, image.get(batch.name)?.subarray(0, integer(random, batch.end)) ?? Buffer.alloc(0));
};

const swapContent: Mutation = (image, random) => {
  const one = pick(random, batches(image))?.name ?? '';
  const other = pick(random, batches(image))?.name ?? '';
  if (one === other) return null;
  return replaced(replaced(image, one, image.get(other) ?? Buffer.alloc(0)), other, image.get(one) ?? Buffer.alloc(0));
};

/** Every kind of mutation, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipJournalBit,
  deleteBytes,
  insertBytes,
  swapBytes,
  deleteFrame,
  insertFrame,
  swapFrames,
  replaceFieldFixChecksum,
  replaceFieldRehash,
  deleteFrameRehash,
  spliceChainsRehash,
  cutTail,
  cutChain,
  dropSegment,
  swapSegments,
  replaySegment,
  flipLogBit,
  dropLogLine,
  repeatLogLine,
  swapLogLines,
  editLogLine,
  cutLog,
  signAgain,
  flipContentBit,
  cutContent,
  swapContent,
};
