import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isJsonObject, numberMember, parseJson, stringMember } from '../../core/json.ts';

/*
 * The journal's format, version 1. All integers are unsigned and big-endian.
 *
 * A segment `journal/<writer>-<n>.jnl` is one header and then frames, nothing else:
 *
 *   header   8 bytes   ASCII "CANDORJ" and a line feed
 *            4         format version, 1
 *            4         length of the header's JSON
 *            4         CRC-32 of that JSON
 *            …         JSON: {writer, segment, first_seq, previous, created_at}
 *            1         line feed
 *
 *   frame    4         length of the payload
 *            4         CRC-32 of hash and payload
 *            32        chain hash = SHA-256(previous hash | payload)
 *            …         payload: JSON in UTF-8, without raw line feeds
 *            1         line feed
 *
 * The hash is taken over the stored bytes, so no one has to serialise JSON again to check it. The
 * previous hash of a segment's first frame is the SHA-256 of the segment's header bytes; the
 * header's `previous` is the last chain hash of the same writer's segment before it (`null` in its
 * first one), so that a writer's segments make one chain. Frames are numbered over all segments of
 * a writer; `first_seq` is the number of the first frame here.
 *
 * A file that ends inside a frame has a torn tail: what a crash in the middle of a write leaves.
 * JSON has no raw line feed, so a torn frame has none after its first 40 bytes; if there is one,
 * whole frames follow a damaged length, and that is damage, not a torn tail.
 */
const MAGIC = Buffer.from('CANDORJ\n', 'latin1');
const FORMAT_VERSION = 1;
const HEADER_PREFIX_BYTES = 20;
const FRAME_PREFIX_BYTES = 40;
/** No header is longer. */
export const HEADER_MAX_BYTES = 4096;
const HASH_OFFSET = 8;
const LINE_FEED = 0x0a;

export const HASH_BYTES = 32;

/** No payload is longer; a longer length is damage. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** Upper bound of a frame's bytes around a payload: what `encodeFrame` needs beside the payload. */
export const FRAME_OVERHEAD_BYTES = FRAME_PREFIX_BYTES + 1;

export interface SegmentHeader {
  /** Who writes: random, one per process start. */
  readonly writer: string;
  /** Which of the writer's segments, from 1. */
  readonly segment: number;
  /** The number of the segment's first frame; a writer's first frame is 1. */
  readonly firstSeq: number;
  /** Hexadecimal chain hash of the frame before the first one; `null` in a writer's first segment. */
  readonly previous: string | null;
  /** ISO date of the segment's creation. */
  readonly createdAt: string;
}

/** The bytes of a segment's header. */
export function encodeHeader(header: SegmentHeader): Buffer {
  const json = Buffer.from(
    JSON.stringify({
      writer: header.writer,
      segment: header.segment,
      first_seq: header.firstSeq,
      previous: header.previous,
      created_at: header.createdAt,
    }),
  );
  const bytes = Buffer.alloc(HEADER_PREFIX_BYTES + json.length + 1);
  MAGIC.copy(bytes);
  bytes.writeUInt32BE(FORMAT_VERSION, 8);
  bytes.writeUInt32BE(json.length, 12);
  bytes.writeUInt32BE(crc32(json), 16);
  json.copy(bytes, HEADER_PREFIX_BYTES);
  bytes[bytes.length - 1] = LINE_FEED;
  return bytes;
}

export type DecodedHeader =
  /** `end`: where the frames begin. `hash`: what the first of them chains to. */
  | { readonly kind: 'header'; readonly header: SegmentHeader; readonly end: number; readonly hash: Buffer }
  /** The bytes end inside the header. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'damaged' };

/** The header at the start of a segment's bytes; `HEADER_MAX_BYTES` of them are always enough. */
export function decodeHeader(bytes: Buffer): DecodedHeader {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!magic.equals(MAGIC.subarray(0, magic.length))) return { kind: 'damaged' };
  if (bytes.length < HEADER_PREFIX_BYTES) return { kind: 'partial' };
  const end = HEADER_PREFIX_BYTES + bytes.readUInt32BE(12) + 1;
  if (bytes.readUInt32BE(8) !== FORMAT_VERSION || end > HEADER_MAX_BYTES) return { kind: 'damaged' };
  if (end > bytes.length) return { kind: 'partial' };
  const json = bytes.subarray(HEADER_PREFIX_BYTES, end - 1);
  if (bytes[end - 1] !== LINE_FEED || crc32(json) !== bytes.readUInt32BE(16)) return { kind: 'damaged' };
  const header = decodeHeaderJson(json.toString());
  return header === null ? { kind: 'damaged' } : { kind: 'header', header, end, hash: sha256(bytes.subarray(0, end)) };
}

function decodeHeaderJson(json: string): SegmentHeader | null {
  const members = parseJson(json);
  if (!isJsonObject(members)) return null;
  const writer = stringMember(members, 'writer');
  const createdAt = stringMember(members, 'created_at');
  const segment = numberMember(members, 'segment');
  const firstSeq = numberMember(members, 'first_seq');
  if (writer === null || createdAt === null || segment === null || firstSeq === null) return null;
  return { writer, segment, firstSeq, previous: stringMember(members, 'previous'), createdAt };
}

export interface EncodedFrame {
  /** Where the frame ends. */
  readonly end: number;
  /** Its chain hash, hexadecimal. */
  readonly hash: string;
}

/**
 * Writes one frame into `target` at `offset`. `target` must have room for three bytes per character
 * of the payload and `FRAME_OVERHEAD_BYTES`.
 */
export function encodeFrame(target: Buffer, offset: number, previous: Buffer, payload: string): EncodedFrame {
  const payloadStart = offset + FRAME_PREFIX_BYTES;
  const payloadBytes = target.write(payload, payloadStart, 'utf8');
  const end = payloadStart + payloadBytes;
  // The previous hash stands where the new one will: one hash over bytes that lie together. As text,
  // which the caller needs anyway: a Buffer as the result costs more than the hashing.
  target.set(previous, offset + HASH_OFFSET);
  const hashed = target.subarray(offset + HASH_OFFSET, end);
  const chainHash = hash('sha256', hashed, 'hex');
  target.write(chainHash, offset + HASH_OFFSET, 'hex');
  target.writeUInt32BE(payloadBytes, offset);
  target.writeUInt32BE(crc32(hashed), offset + 4);
  target[end] = LINE_FEED;
  return { end: end + 1, hash: chainHash };
}

/** The chain hash of the frame at `offset`: a view, not a copy. */
export function frameHash(bytes: Buffer, offset: number): Buffer {
  return bytes.subarray(offset + HASH_OFFSET, offset + FRAME_PREFIX_BYTES);
}

export type Damage = 'length' | 'terminator' | 'checksum' | 'chain';

export type DecodedFrame =
  | { readonly kind: 'frame'; readonly payload: Buffer; readonly hash: Buffer; readonly end: number }
  /** The bytes end inside the frame. `wants`: how many bytes from `offset` on are known to be needed. */
  | { readonly kind: 'partial'; readonly wants: number }
  | { readonly kind: 'damaged'; readonly damage: Damage };

/**
 * The frame at `offset`. With `previous` the chain is checked too, not only the checksum. What it
 * returns are views of `bytes`. No bytes at all at `offset` are a partial frame.
 */
export function decodeFrame(bytes: Buffer, offset: number, previous: Buffer | null): DecodedFrame {
  if (offset + FRAME_PREFIX_BYTES > bytes.length) return { kind: 'partial', wants: FRAME_PREFIX_BYTES };
  const payloadBytes = bytes.readUInt32BE(offset);
  if (payloadBytes === 0 || payloadBytes > MAX_PAYLOAD_BYTES) return { kind: 'damaged', damage: 'length' };
  const payloadStart = offset + FRAME_PREFIX_BYTES;
  const payloadEnd = payloadStart + payloadBytes;
  if (payloadEnd + 1 > bytes.length) {
    // See the format's note on torn tails.
    if (bytes.subarray(payloadStart).includes(LINE_FEED)) return { kind: 'damaged', damage: 'length' };
    return { kind: 'partial', wants: payloadEnd + 1 - offset };
  }
  if (bytes[payloadEnd] !== LINE_FEED) return { kind: 'damaged', damage: 'terminator' };
  if (crc32(bytes.subarray(offset + HASH_OFFSET, payloadEnd)) !== bytes.readUInt32BE(offset + 4)) {
    return { kind: 'damaged', damage: 'checksum' };
  }
  const stored = frameHash(bytes, offset);
  const payload = bytes.subarray(payloadStart, payloadEnd);
  if (previous !== null && !sha256(Buffer.concat([previous, payload])).equals(stored)) {
    return { kind: 'damaged', damage: 'chain' };
  }
  return { kind: 'frame', payload, hash: stored, end: payloadEnd + 1 };
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
