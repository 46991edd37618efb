import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, integer, property } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decodeHeader,
  encodeFrame,
  encodeHeader,
  FRAME_OVERHEAD_BYTES,
  frameHash,
  type SegmentHeader,
} from './journal-format.ts';
import { readSegment, type SegmentEnd, type SegmentFrame } from './journal-reader.ts';

const HEADER: SegmentHeader = {
  writer: 'ab12',
  segment: 1,
  firstSeq: 1,
  previous: null,
  createdAt: '2026-11-22T00:00:00.000Z',
};

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'candor-journal-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function segmentOf(payloads: readonly string[]): { readonly bytes: Buffer; readonly starts: readonly number[] } {
  const header = encodeHeader(HEADER);
  const decoded = decodeHeader(header);
  if (decoded.kind !== 'header') throw new Error('no header');
  const size = payloads.reduce((sum, payload) => sum + payload.length * 3 + FRAME_OVERHEAD_BYTES, header.length);
  const bytes = Buffer.alloc(size);
  let end = header.copy(bytes);
  let previous = decoded.hash;
  const starts = payloads.map((payload) => {
    const start = end;
    end = encodeFrame(bytes, start, previous, payload).end;
    previous = frameHash(bytes, start);
    return start;
  });
  return { bytes: bytes.subarray(0, end), starts };
}

function read(
  bytes: Buffer,
  checkChain = true,
): { readonly frames: readonly SegmentFrame[]; readonly end: SegmentEnd } {
  const path = join(directory, 'ab12-1.jnl');
  writeFileSync(path, bytes);
  const reader = readSegment(path, { from: null, upTo: null, checkChain });
  const frames: SegmentFrame[] = [];
  let step = reader.next();
  for (; step.done !== true; step = reader.next()) frames.push(step.value);
  return { frames, end: step.value };
}

const PAYLOADS = ['{"a":1}', '{"text":"ü 🦊"}', '{"b":[1,2,3]}', '{"c":null}'];

describe('a segment', () => {
  it('gives back its header and, frame by frame, the bytes that were put in', () => {
    const { bytes, starts } = segmentOf(PAYLOADS);
    expect(decodeHeader(bytes)).toMatchObject({ kind: 'header', header: HEADER });
    const { frames, end } = read(bytes);
    expect(frames.map((frame) => frame.payload.toString())).toEqual(PAYLOADS);
    expect(frames.map((frame) => frame.seq)).toEqual([1, 2, 3, 4]);
    expect(frames.map((frame) => frame.offset)).toEqual(starts);
    expect(end).toEqual({ kind: 'end', offset: bytes.length });
  });

  it('is read in pieces: frames longer than a piece, many frames across pieces, and from any place on', () => {
    const payloads = Array.from({ length: 40 }, (_, index) =>
      JSON.stringify('x'.repeat(index === 7 ? 3_000_000 : 90_000 + index)),
    );
    const { bytes } = segmentOf(payloads);
    const { frames, end } = read(bytes);
    expect(frames.map((frame) => frame.payload.length)).toEqual(payloads.map((payload) => payload.length));
    expect(end.kind).toBe('end');
    const from = frames[20]?.next ?? null;
    const rest = [...readSegment(join(directory, 'ab12-1.jnl'), { from, upTo: null, checkChain: true })];
    expect(rest.map((frame) => frame.seq)).toEqual(frames.slice(21).map((frame) => frame.seq));
  });

  it('cut anywhere has a torn tail where its last whole frame ends, and is never called damaged', () => {
    const { bytes, starts } = segmentOf(PAYLOADS);
    const ends = [...starts.slice(1), bytes.length];
    const headerEnd = starts[0] ?? 0;
    for (let length = 0; length < bytes.length; length++) {
      const { frames, end } = read(bytes.subarray(0, length));
      const whole = ends.filter((frameEnd) => frameEnd <= length).length;
      const offset = length < headerEnd ? 0 : (ends[whole - 1] ?? headerEnd);
      expect(frames).toHaveLength(whole);
      expect(end).toEqual({ kind: length === offset && length > 0 ? 'end' : 'torn', offset });
    }
  });

  it('with any byte changed is damaged at the frame of that byte', () => {
    const { bytes, starts } = segmentOf(PAYLOADS);
    const found = property(
      integer({ min: 0, max: bytes.length - 1 }),
      integer({ min: 1, max: 255 }),
      (position, mask) => {
        const changed = Buffer.from(bytes);
        changed[position] = (changed[position] ?? 0) ^ mask;
        const { frames, end } = read(changed);
        const before = starts.filter((start) => start <= position).length - 1;
        // A longer header, beyond the file's end, looks like one that was cut.
        if (before < 0) return frames.length === 0 && end.kind !== 'end' && end.offset === 0;
        return frames.length === before && end.kind === 'damaged' && end.offset === starts[before];
      },
    );
    expect(check(found, { numRuns: 600 })).toMatchObject({ failed: false, counterexample: null });
  });

  it('whose frames were put in another order, taken out or hashed again breaks its chain', () => {
    const { bytes, starts } = segmentOf(PAYLOADS);
    const [first = 0, second = 0, third = 0] = starts;
    const header = bytes.subarray(0, first);
    const swapped = Buffer.concat([
      header,
      bytes.subarray(second, third),
      bytes.subarray(first, second),
      bytes.subarray(third),
    ]);
    expect(read(swapped).end).toEqual({ kind: 'damaged', damage: 'chain', offset: first });
    const without = Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]);
    expect(read(without).end).toEqual({ kind: 'damaged', damage: 'chain', offset: second });
    expect(read(without, false).end.kind).toBe('end');
    const forged = Buffer.from(bytes);
    encodeFrame(forged, first, Buffer.alloc(32), '{"a":2}');
    expect(read(forged).end).toEqual({ kind: 'damaged', damage: 'chain', offset: first });
  });
});
