import { createCipheriv, createDecipheriv, createSecretKey, hash, hkdfSync } from 'node:crypto';
import { type DeltaPiece, decodeDelta } from './body-delta.ts';
import { type ContentKey, KEY_ID_BYTES } from '../keyring.ts';

/*
 * The content store's format, version 1. All integers are unsigned and big-endian.
 *
 * Each file has its own key, HKDF-SHA-256 of the content key with the file's name as info, so that
 * random nonces stay far from repeating under one key.
 *
 * A file `content/<writer>-<n>.dat` is the 8 bytes of `CONTENT_MAGIC` and then encrypted batches, nothing else:
 *
 *   batch   4    length of the encrypted bytes
 *           8    id of the content key
 *           12   nonce
 *           16   tag
 *           …    AES-256-GCM of the plain batch; the additional data is "<file name>:<offset of the batch>",
 *                so a batch that was moved does not decrypt
 *
 *   plain batch   4 number of records, then per record: 4 length, then its bodies
 *   body          1    0 whole · 1 delta of the record's first body · 2 the end of a body, whose beginning was
 *                      written before: the journal names the batches that hold it, each one record of one whole body
 *                 4    length of what follows the salt
 *                 16   salt
 *                 …    the bytes, or the delta: per piece 1 (0 copy · 1 own), copy: 4 offset, 4 length; own: 4 length, bytes
 *
 * The journal holds for each body its length and its commitment, SHA-256(salt | bytes) over the
 * body's own bytes, whatever form it is stored in. Without the salt, which lies here only, a
 * commitment says nothing about the body: erasing this file leaves nothing to guess against.
 */
export const CONTENT_MAGIC = Buffer.from('CANDORC1', 'latin1');
export const SALT_BYTES = 16;
export const NONCE_BYTES = 12;
export const BODY_PREFIX_BYTES = 5 + SALT_BYTES;
export const BODY_WHOLE = 0;
export const BODY_DELTA = 1;
export const BODY_END = 2;
const TAG_BYTES = 16;
const NONCE_OFFSET = 4 + KEY_ID_BYTES;
const TAG_OFFSET = NONCE_OFFSET + NONCE_BYTES;
export const BATCH_PREFIX_BYTES = TAG_OFFSET + TAG_BYTES;
const PIECE_COPY = 0;
const PIECE_OWN = 1;

/** Where a batch lies: the file's name without its folder, and its offset there. */
export interface BatchPlace {
  readonly segment: string;
  readonly offset: number;
}

/** The key of one content file. */
export function segmentKey(key: ContentKey, segment: string): ContentKey {
  const derived = hkdfSync('sha256', key.key, '', `candor content ${segment}`, 32);
  return { id: key.id, key: createSecretKey(Buffer.from(derived)) };
}

/**
 * Writes one batch into `target`, encrypted with its file's key for the place it will have there.
 * `target` must have room for `plain` and `BATCH_PREFIX_BYTES`. @returns where it ends
 */
export function sealBatch(target: Buffer, plain: Buffer, key: ContentKey, nonce: Buffer, place: BatchPlace): number {
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce);
  cipher.setAAD(additionalData(place));
  const encrypted = cipher.update(plain);
  cipher.final();
  target.writeUInt32BE(encrypted.length, 0);
  key.id.copy(target, 4);
  nonce.copy(target, NONCE_OFFSET);
  cipher.getAuthTag().copy(target, TAG_OFFSET);
  return BATCH_PREFIX_BYTES + encrypted.copy(target, BATCH_PREFIX_BYTES);
}

/** How many encrypted bytes follow a batch's prefix. */
export function sealedLength(prefix: Buffer): number {
  return prefix.readUInt32BE(0);
}

/** The plain batch, opened with its file's key; `null` when it was sealed with another one, for another place, or was changed. */
export function openBatch(batch: Buffer, key: ContentKey, place: BatchPlace): Buffer | null {
  if (batch.length < BATCH_PREFIX_BYTES || !batch.subarray(4, NONCE_OFFSET).equals(key.id)) return null;
  const decipher = createDecipheriv('aes-256-gcm', key.key, batch.subarray(NONCE_OFFSET, TAG_OFFSET), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(additionalData(place));
  decipher.setAuthTag(batch.subarray(TAG_OFFSET, BATCH_PREFIX_BYTES));
  const plain = decipher.update(batch.subarray(BATCH_PREFIX_BYTES));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plain;
}

/** Writes a delta at `offset` and returns where it ends. */
export function encodePieces(target: Buffer, offset: number, pieces: readonly DeltaPiece[]): number {
  let end = offset;
  for (const piece of pieces) {
    if (piece.kind === 'copy') {
      end = target.writeUInt8(PIECE_COPY, end);
      end = target.writeUInt32BE(piece.offset, end);
      end = target.writeUInt32BE(piece.length, end);
    } else {
      end = target.writeUInt8(PIECE_OWN, end);
      end = target.writeUInt32BE(piece.bytes.length, end);
      end += piece.bytes.copy(target, end);
    }
  }
  return end;
}

export interface StoredBody {
  readonly salt: Buffer;
  readonly bytes: Buffer;
}

/** The bodies of the record at `index` of a plain batch, in the order they were written; `null` when it has none such. */
export function decodeRecord(plain: Buffer, index: number): readonly StoredBody[] | null {
  if (plain.length < 4 || index >= plain.readUInt32BE(0)) return null;
  let start = 4;
  for (let skipped = 0; skipped < index; skipped++) start += 4 + plain.readUInt32BE(start);
  const record = plain.subarray(start + 4, start + 4 + plain.readUInt32BE(start));
  const bodies: StoredBody[] = [];
  let offset = 0;
  while (offset < record.length) {
    const stored = record.subarray(
      offset + BODY_PREFIX_BYTES,
      offset + BODY_PREFIX_BYTES + record.readUInt32BE(offset + 1),
    );
    const salt = record.subarray(offset + 5, offset + BODY_PREFIX_BYTES);
    const bytes = record[offset] === BODY_DELTA ? decodeDeltaBody(bodies[0], stored) : stored;
    if (bytes === null) return null;
    bodies.push({ salt, bytes });
    offset += BODY_PREFIX_BYTES + stored.length;
  }
  return bodies;
}

/** SHA-256(salt | bytes), hexadecimal. `salted` is the salt with the bytes right after it. */
export function commitment(salted: Buffer): string {
  return hash('sha256', salted, 'hex');
}

function decodeDeltaBody(base: StoredBody | undefined, stored: Buffer): Buffer | null {
  if (base === undefined) return null;
  const pieces: DeltaPiece[] = [];
  let offset = 0;
  while (offset < stored.length) {
    if (stored[offset] === PIECE_COPY) {
      pieces.push({ kind: 'copy', offset: stored.readUInt32BE(offset + 1), length: stored.readUInt32BE(offset + 5) });
      offset += 9;
    } else {
      const length = stored.readUInt32BE(offset + 1);
      pieces.push({ kind: 'own', bytes: stored.subarray(offset + 5, offset + 5 + length) });
      offset += 5 + length;
    }
  }
  return decodeDelta(base.bytes, pieces);
}

function additionalData(place: BatchPlace): Buffer {
  return Buffer.from(`${place.segment}:${place.offset}`);
}
