import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, objectMember, parseJson, stringMember } from '../../core/json.ts';
import type { Statement, Subject } from '../checkpoints/checkpoint-format.ts';
import { type DecodedHeader, decodeHeader, HEADER_MAX_BYTES } from './journal-format.ts';
import { readSegment, type SegmentEnd, type SegmentFrame } from './journal-reader.ts';
import { decodePayload, isEvent, isFinal, type WrittenEvent } from './payload.ts';
import { segmentNumber, segmentWriter } from './segment-files.ts';
import { listSegments } from './segment-listing.ts';

/** How the reading of a chain ended. */
export type ChainEnd =
  | { readonly kind: 'end'; readonly end: Subject }
  /** There is not even the header of a first segment. */
  | { readonly kind: 'empty' }
  /** It does not hold together, or lacks what was signed. */
  | { readonly kind: 'broken'; readonly reason: string };

/** What a whole segment holds. */
export interface SegmentSummary {
  /** The chain at its last frame; `count` is that of this segment alone. */
  readonly end: Subject;
  readonly firstSeq: number;
  /** When its newest frame was written, as far as frames tell: milliseconds since the Unix epoch. */
  readonly newestMs: number;
  /** Its certificates that have not expired, each once. */
  readonly certificates: readonly WrittenEvent[];
}

/**
 * Reads the chain of a writer to its end and checks that each frame follows from the one before. A
 * torn tail is its end.
 * @param from the last statement about it: what that covers counts as read, and must be there
 * @throws the system's error
 */
export function readChainEnd(journal: string, writer: string, from: Statement | null): ChainEnd {
  const firstNumber = from === null ? 0 : segmentNumber(from.segment);
  const segments = listSegments(journal)
    .filter((segment) => segment.writer === writer && segment.number >= firstNumber)
    .toSorted((a, b) => a.number - b.number);
  // Segments that were deleted end where the statement says; others are read from the beginning of the one it ends in.
  let end = from === null || segments[0]?.name === from.segment ? null : subjectOf(from);
  for (const { name } of segments) {
    const decoded = readHeader(join(journal, name));
    if (decoded.kind === 'damaged') return broken(name, 'has a damaged header');
    // What a crash or a full disk left of a segment that was to begin.
    if (decoded.kind === 'partial') continue;
    const { firstSeq, previous } = decoded.header;
    if (end === null) {
      if (from === null && firstSeq !== 1) return broken(name, 'is the first there is, and not the first there was');
      end = { writer, segment: name, seq: firstSeq - 1, head: decoded.hash.toString('hex'), count: from?.count ?? 0 };
      if (from?.seq === 0 && from.head !== end.head) return broken(name, 'has not the header that was signed');
    } else if (firstSeq !== end.seq + 1 || (end.seq > 0 && previous !== end.head)) {
      return broken(name, 'does not go on where the segment before it ended');
    }
    const read = readFrames(journal, name, end, from);
    if (read.broken !== null) return broken(name, read.broken);
    end = read.end;
  }
  if (end === null) return { kind: 'empty' };
  if (from !== null && end.seq < from.seq)
    return broken(end.segment, `ends before frame ${from.seq}, which was signed`);
  return { kind: 'end', end };
}

function subjectOf({ writer, segment, seq, head, count }: Statement): Subject {
  return { writer, segment, seq, head, count };
}

/** The frames of one segment, from the chain as it stood before them. */
function readFrames(
  journal: string,
  name: string,
  before: Subject,
  from: Statement | null,
): { readonly end: Subject; readonly broken: string | null } {
  const covered = from?.seq ?? 0;
  let count = before.count;
  let forged = false;
  const { last, end } = walk(join(journal, name), (frame) => {
    if (frame.seq > covered && isFinal(frame.payload)) count++;
    if (frame.seq === covered && frame.hash.toString('hex') !== from?.head) forged = true;
  });
  if (end.kind === 'damaged') return { end: before, broken: `is damaged at byte ${end.offset} (${end.damage})` };
  if (forged) return { end: before, broken: `has not the frame ${covered} that was signed` };
  if (last === null) return { end: before, broken: null };
  return { end: { ...before, segment: name, seq: last.seq, head: last.hash.toString('hex'), count }, broken: null };
}

/** What a segment that is not written any more holds; `null` when it is not whole. @throws the system's error */
export function summarizeSegment(journal: string, name: string, nowMs: number): SegmentSummary | null {
  const path = join(journal, name);
  const decoded = readHeader(path);
  if (decoded.kind !== 'header') return null;
  const { firstSeq, createdAt } = decoded.header;
  let count = 0;
  const certificates = new Map<string, WrittenEvent>();
  const { last, end } = walk(path, ({ payload }) => {
    if (isFinal(payload)) count++;
    if (!isEvent(payload)) return;
    const decoded = decodePayload(payload.toString());
    if (decoded?.type === 'event' && isStanding(decoded.event, nowMs))
      certificates.set(decoded.event.id, decoded.event);
  });
  if (end.kind === 'damaged') return null;
  const seq = last?.seq ?? firstSeq - 1;
  const head = (last?.hash ?? decoded.hash).toString('hex');
  const newestMs = Math.max(Date.parse(createdAt), last === null ? 0 : writtenAtMs(last.payload));
  return {
    end: { writer: segmentWriter(name), segment: name, seq, head, count },
    firstSeq,
    newestMs,
    certificates: [...certificates.values()],
  };
}

/** Whether it is an event of a certificate that has not expired; one that does not say when it does never has. */
function isStanding({ object, body }: WrittenEvent, nowMs: number): boolean {
  const expiresMs = Date.parse(stringMember(body, 'expires_at') ?? '');
  return object === 'certificate' && (Number.isNaN(expiresMs) || expiresMs > nowMs);
}

/** When a segment was begun, in milliseconds since the Unix epoch; `null` when its header does not say. @throws the system's error */
export function segmentBegunAtMs(journal: string, name: string): number | null {
  const decoded = readHeader(join(journal, name));
  const begunAtMs = decoded.kind === 'header' ? Date.parse(decoded.header.createdAt) : Number.NaN;
  return Number.isNaN(begunAtMs) ? null : begunAtMs;
}

function walk(
  path: string,
  visit: (frame: SegmentFrame) => void,
): { readonly last: SegmentFrame | null; readonly end: SegmentEnd } {
  const frames = readSegment(path, { from: null, upTo: null, checkChain: true });
  let last: SegmentFrame | null = null;
  for (;;) {
    const step = frames.next();
    if (step.done === true) return { last, end: step.value };
    last = step.value;
    visit(last);
  }
}

/** The time in a frame that is closest to when it was written; 0 when it has none. */
function writtenAtMs(payload: Buffer): number {
  const value = parseJson(payload.toString());
  if (!isJsonObject(value)) return 0;
  const record =
    objectMember(value, 'record') ?? objectMember(value, 'intent') ?? objectMember(value, 'event') ?? value;
  const carriedAt = stringMember(value, 'carried_at');
  const at =
    carriedAt ?? stringMember(record, 'at') ?? stringMember(record, 'ended_at') ?? stringMember(record, 'created_at');
  const time = Date.parse(at ?? '');
  return Number.isNaN(time) ? 0 : time;
}

function readHeader(path: string): DecodedHeader {
  const bytes = Buffer.alloc(HEADER_MAX_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    return decodeHeader(bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0)));
  } finally {
    closeSync(descriptor);
  }
}

function broken(segment: string, what: string): ChainEnd {
  return { kind: 'broken', reason: `${segment} ${what}` };
}
