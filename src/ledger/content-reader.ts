import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BATCH_PREFIX_BYTES, commitment, decodeRecord, openBatch, sealedLength, segmentKey } from './content-format.ts';
import type { ContentKey } from './keyring.ts';
import type { ContentPointer } from './payload.ts';

/** Bodies by their path in the public record, each checked against its commitment. */
export type Bodies = ReadonlyMap<string, Buffer>;

/**
 * The bodies of one record, byte for byte; `null` when any of it is lost: the file is gone, the
 * key is another one, the bytes were changed, or a commitment does not match.
 */
export async function readContent(directory: string, key: ContentKey, pointer: ContentPointer): Promise<Bodies | null> {
  const batch = await readBatch(join(directory, basename(pointer.segment)), pointer.offset);
  const plain = batch === null ? null : openBatch(batch, segmentKey(key, pointer.segment), pointer);
  const stored = plain === null ? null : decodeRecord(plain, pointer.index);
  if (stored === null || stored.length !== pointer.bodies.length) return null;
  const bodies = new Map<string, Buffer>();
  for (const [index, entry] of pointer.bodies.entries()) {
    const body = stored[index];
    if (body === undefined || commitment(Buffer.concat([body.salt, body.bytes])) !== entry.commitment) return null;
    bodies.set(entry.part, body.bytes);
  }
  return bodies;
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
