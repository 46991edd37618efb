import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  BATCH_PREFIX_BYTES,
  type BatchPlace,
  commitment,
  decodeRecord,
  openBatch,
  sealedLength,
  segmentKey,
  type StoredBody,
} from './content-format.ts';
import type { PieceRun } from './growing-body.ts';
import type { ContentKey } from '../keyring.ts';
import type { ContentPointer } from '../journal/payload.ts';

/** Bodies by their path in the public record, each checked against its commitment. */
export type Bodies = ReadonlyMap<string, Buffer>;

/**
 * The bodies of one record, byte for byte. `erased`: a file they lie in is no more. `lost`: the key
 * is another one, the bytes were changed, or a commitment does not match.
 */
export async function readContent(
  directory: string,
  key: ContentKey,
  pointer: ContentPointer,
): Promise<Bodies | 'erased' | 'lost'> {
  const bodies = await readBodies(directory, key, pointer);
  if (bodies !== null) return bodies;
  return contentFiles(pointer).every((name) => existsSync(join(directory, name))) ? 'lost' : 'erased';
}

/** Names of the files that a record's bodies lie in. */
export function contentFiles({ segment, bodies }: ContentPointer): readonly string[] {
  const names = [segment, ...bodies.flatMap(({ pieces }) => pieces.map((run) => run.segment))];
  return [...new Set(names.map((name) => basename(name)))];
}

async function readBodies(directory: string, key: ContentKey, pointer: ContentPointer): Promise<Bodies | null> {
  const stored = await readRecord(directory, key, pointer, pointer.index);
  if (stored === null || stored.length !== pointer.bodies.length) return null;
  const bodies = new Map<string, Buffer>();
  for (const [index, entry] of pointer.bodies.entries()) {
    const body = stored[index];
    const before = await readPieces(directory, key, entry.pieces);
    if (body === undefined || before === null) return null;
    const salted = Buffer.concat([body.salt, ...before, body.bytes]);
    if (commitment(salted) !== entry.commitment) return null;
    bodies.set(entry.part, before.length === 0 ? body.bytes : salted.subarray(body.salt.length));
  }
  return bodies;
}

/** The bodies of one record of the batch at this place; `null` when it cannot be read. */
async function readRecord(
  directory: string,
  key: ContentKey,
  place: BatchPlace,
  index: number,
): Promise<readonly StoredBody[] | null> {
  const batch = await readBatch(join(directory, basename(place.segment)), place.offset);
  const plain = batch === null ? null : openBatch(batch, segmentKey(key, place.segment), place);
  return plain === null ? null : decodeRecord(plain, index);
}

/** What was written of a body before its end; `null` when any of it cannot be read. */
async function readPieces(
  directory: string,
  key: ContentKey,
  runs: readonly PieceRun[],
): Promise<readonly Buffer[] | null> {
  const pieces: Buffer[] = [];
  for (const { segment, offsets } of runs) {
    for (const offset of offsets) {
      const piece = (await readRecord(directory, key, { segment, offset }, 0))?.[0];
      if (piece === undefined) return null;
      pieces.push(piece.bytes);
    }
  }
  return pieces;
}

async function readBatch(path: string, offset: number): Promise<Buffer | null> {
  try {
    const file = await open(path, 'r');
    try {
      const prefix = Buffer.alloc(BATCH_PREFIX_BYTES);
      const { bytesRead } = await file.read(prefix, 0, prefix.length, offset);
      if (bytesRead < prefix.length) return null;
      const { size } = await file.stat();
      const length = prefix.length + sealedLength(prefix);
      // A damaged length must not make us ask for more memory than there is file.
      if (offset + length > size) return null;
      const batch = Buffer.alloc(length);
      const whole = await file.read(batch, 0, length, offset);
      return whole.bytesRead === length ? batch : null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
