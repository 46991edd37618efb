import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Statement } from '../checkpoints/checkpoint-format.ts';
import { type DecodedHeader, decodeHeader, HEADER_MAX_BYTES } from '../journal/journal-format.ts';
import { readSegment, type SegmentEnd, type SegmentFrame } from '../journal/journal-reader.ts';
import { isMissingFile, nextUnlessMissing } from '../journal/missing-file.ts';
import type { ListedSegment } from '../journal/segment-listing.ts';

/** What one meets on the way along a writer's chain. */
export type ChainStep =
  /** A segment that goes on where the one before it ended. `hash`: SHA-256 of its header, hexadecimal. */
  | { readonly kind: 'segment'; readonly segment: string; readonly firstSeq: number; readonly hash: string }
  /** What comes next is not told to follow from what came before. `count`: the final records before it, where known. */
  | { readonly kind: 'gap'; readonly count: number | null }
  | { readonly kind: 'frame'; readonly segment: string; readonly frame: SegmentFrame }
  /** The segment ends inside a frame, or inside its header. */
  | { readonly kind: 'torn'; readonly segment: string; readonly offset: number }
  | {
      readonly kind: 'problem';
      readonly segment: string;
      readonly offset: number;
      readonly seq: number | null;
      readonly reason: string;
    };

/** Where one has come to. */
interface Position {
  seq: number;
  head: string | null;
  /** Whether frames may be missing here, which was said. */
  isLost: boolean;
}

const DAMAGE = {
  length: 'its length is not that of what follows',
  terminator: 'it does not end where its length says',
  checksum: 'its bytes are not what its checksum says',
  chain: 'it does not follow from the frame before it',
} as const;

/** Follows the chain of one writer through its segments, given by number, and checks that it is one. */
export function* walkChain(
  journal: string,
  segments: readonly ListedSegment[],
  retired: Statement | null,
): Generator<ChainStep, void> {
  const position: Position = { seq: 0, head: null, isLost: false };
  for (const segment of segments) {
    const { name } = segment;
    const decoded = readHeader(join(journal, name));
    if (decoded.kind === 'partial') {
      yield { kind: 'torn', segment: name, offset: 0 };
      continue;
    }
    const wrong = decoded.kind === 'header' ? wrongHeader(decoded, segment) : WRONG_HEADER[decoded.kind];
    if (decoded.kind !== 'header' || wrong !== null) {
      // A file that retention took away in between leaves a gap that was signed.
      if (decoded.kind !== 'gone') yield { kind: 'problem', segment: name, offset: 0, seq: null, reason: wrong ?? '' };
      yield lost(position);
      continue;
    }
    yield* joint(decoded, name, position, retired);
    yield* frames(join(journal, name), name, decoded, position);
  }
}

const WRONG_HEADER = { gone: '', damaged: 'its header is damaged' } as const;

type Header = DecodedHeader & { readonly kind: 'header' };

function wrongHeader({ header }: Header, { writer, number }: ListedSegment): string | null {
  if (header.writer === writer && header.segment === number) return null;
  return `its header is that of ${header.writer}-${header.segment}.jnl`;
}

function lost(position: Position): ChainStep {
  position.isLost = true;
  return { kind: 'gap', count: null };
}

/** How a segment joins on to what came before. */
function* joint(
  { header, hash }: Header,
  name: string,
  position: Position,
  retired: Statement | null,
): Generator<ChainStep, void> {
  const { firstSeq, previous } = header;
  const { seq, head } = position;
  const follows = firstSeq === seq + 1 && previous === head;
  if (!follows && isDeleted(header, seq, retired)) {
    yield { kind: 'gap', count: firstSeq - 1 === retired?.seq ? retired.count : null };
  } else if (!follows && !(position.isLost && firstSeq > seq)) {
    const what = seq === 0 ? 'there is nothing before it' : `the segment before it ends with frame ${seq}`;
    const reason =
      firstSeq === seq + 1
        ? 'it follows another frame than the last one before it'
        : `it begins with frame ${firstSeq}, and ${what}`;
    yield { kind: 'problem', segment: name, offset: 0, seq: firstSeq, reason };
    yield lost(position);
  }
  Object.assign(position, { seq: firstSeq - 1, head: previous, isLost: false });
  yield { kind: 'segment', segment: name, firstSeq, hash: hash.toString('hex') };
}

/** Whether all that is missing before a segment was deleted, as was signed. */
function isDeleted({ firstSeq, previous }: Header['header'], seq: number, retired: Statement | null): boolean {
  if (retired === null || firstSeq <= seq + 1 || firstSeq - 1 > retired.seq) return false;
  return firstSeq - 1 < retired.seq || previous === retired.head;
}

function* frames(
  path: string,
  segment: string,
  { header, hash, end }: Header,
  position: Position,
): Generator<ChainStep, void> {
  const reader = readSegment(path, {
    from: { offset: end, seq: header.firstSeq, previous: hash },
    upTo: null,
    checkChain: true,
  });
  for (;;) {
    const step = nextUnlessMissing(reader);
    if (step === null) {
      yield lost(position);
      return;
    }
    if (step.done === true) {
      yield* ending(segment, step.value, position);
      return;
    }
    const frame = step.value;
    position.seq = frame.seq;
    position.head = frame.hash.toString('hex');
    yield { kind: 'frame', segment, frame };
  }
}

function* ending(segment: string, end: SegmentEnd, position: Position): Generator<ChainStep, void> {
  const { offset } = end;
  if (end.kind === 'torn') yield { kind: 'torn', segment, offset };
  if (end.kind !== 'damaged') return;
  const reason = end.damage === 'header' ? WRONG_HEADER.damaged : DAMAGE[end.damage];
  yield { kind: 'problem', segment, offset, seq: position.seq + 1, reason };
  yield lost(position);
}

const HEADER_START_BYTES = 20;
const LINE_FEED = 0x0a;

/** A header is one line of JSON: one that has its line feed and is not whole has a damaged length. */
function readHeader(path: string): DecodedHeader | { readonly kind: 'gone' } {
  const bytes = readStart(path);
  if (bytes === null) return { kind: 'gone' };
  const decoded = decodeHeader(bytes);
  const isDamaged = decoded.kind === 'partial' && bytes.subarray(HEADER_START_BYTES).includes(LINE_FEED);
  return isDamaged ? { kind: 'damaged' } : decoded;
}

/** As many bytes as a header has at most; `null` when there is no such file. */
function readStart(path: string): Buffer | null {
  const bytes = Buffer.alloc(HEADER_MAX_BYTES);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isMissingFile(error)) return null;
    throw error;
  }
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
