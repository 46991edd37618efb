import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Damage, decodeFrame, decodeHeader, HEADER_MAX_BYTES } from './journal-format.ts';

/** A place between two frames of a segment, from which reading can go on. */
export interface SegmentPlace {
  readonly offset: number;
  /** Number of the frame that begins here. */
  readonly seq: number;
  /** What that frame chains to. */
  readonly previous: Buffer;
}

export interface SegmentFrame {
  readonly offset: number;
  readonly seq: number;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly payload: Buffer;
  /** The place after this frame. */
  readonly next: SegmentPlace;
}

/** How the reading of a segment ended. `offset`: the first byte that is no part of a whole frame. */
export type SegmentEnd =
  | { readonly kind: 'end'; readonly offset: number }
  | { readonly kind: 'torn'; readonly offset: number }
  | { readonly kind: 'damaged'; readonly offset: number; readonly damage: Damage | 'header' };

export interface SegmentReadOptions {
  /** Where to begin; `null`: at the segment's first frame. */
  readonly from: SegmentPlace | null;
  /** Bytes of the file to look at; `null`: all there are. */
  readonly upTo: number | null;
  /** Whether to check each frame's chain hash, beside its checksum. */
  readonly checkChain: boolean;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * The frames of a segment file in order, read in pieces: memory is bounded by the longest frame.
 * Frames are views of a buffer that is not used again.
 * @returns (as the generator's last value) how the segment ends
 * @throws the system's error when the file cannot be read
 */
export function* readSegment(path: string, options: SegmentReadOptions): Generator<SegmentFrame, SegmentEnd> {
  const descriptor = openSync(path, 'r');
  try {
    const limit = Math.min(options.upTo ?? Number.POSITIVE_INFINITY, fstatSync(descriptor).size);
    let place = options.from;
    if (place === null) {
      const decoded = decodeHeader(readAt(descriptor, 0, Math.min(HEADER_MAX_BYTES, limit)));
      if (decoded.kind === 'partial') return { kind: 'torn', offset: 0 };
      if (decoded.kind === 'damaged') return { kind: 'damaged', offset: 0, damage: 'header' };
      place = { offset: decoded.end, seq: decoded.header.firstSeq, previous: decoded.hash };
    }
    return yield* readFrames(descriptor, place, limit, options.checkChain);
  } finally {
    closeSync(descriptor);
  }
}

function* readFrames(
  descriptor: number,
  start: SegmentPlace,
  limit: number,
  checkChain: boolean,
): Generator<SegmentFrame, SegmentEnd> {
  let place = start;
  let wants = 0;
  while (place.offset < limit) {
    const bytes = readAt(descriptor, place.offset, Math.min(Math.max(CHUNK_BYTES, wants), limit - place.offset));
    const chunkStart = place.offset;
    let position = 0;
    for (;;) {
      const decoded = decodeFrame(bytes, position, checkChain ? place.previous : null);
      if (decoded.kind === 'damaged') return { ...decoded, offset: place.offset };
      if (decoded.kind === 'partial') {
        wants = decoded.wants;
        break;
      }
      const { offset, seq, previous } = place;
      position = decoded.end;
      place = { offset: chunkStart + position, seq: seq + 1, previous: decoded.hash };
      yield { offset, seq, previous, hash: decoded.hash, payload: decoded.payload, next: place };
    }
    // Nothing but the limit can keep a frame from being whole once as much was read as it wants.
    if (position === 0 && bytes.length < wants) return { kind: 'torn', offset: place.offset };
  }
  return { kind: 'end', offset: place.offset };
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
