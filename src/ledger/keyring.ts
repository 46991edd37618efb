import { createSecretKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export const KEY_ID_BYTES = 8;
const KEY_BYTES = 32;

/** A key that content is encrypted with. A `KeyObject` prints nothing of itself, like a `Secret`. */
export interface ContentKey {
  /** Says which key a batch needs, without giving any of it away. */
  readonly id: Buffer;
  readonly key: KeyObject;
}

/** The key of the content store, and whether it had to be made because there was none. */
export interface OpenedKey {
  readonly key: ContentKey;
  readonly isNew: boolean;
}

/**
 * The key of the content store, from `keyring/content.key`; made (32 random bytes) when there is
 * none. The folder is its owner's alone (0700), so is the file (0600); both are set so again when
 * they are not.
 * @throws Error when the file cannot be read or written, or is no key
 */
export function openContentKey(directory: string): OpenedKey {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = join(directory, 'content.key');
  const isNew = !existsSync(path);
  if (isNew) writeKey(path, randomBytes(KEY_BYTES));
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  if (bytes.length !== KEY_BYTES) throw new Error(`${path} is not a content key: it must hold ${KEY_BYTES} bytes`);
  const id = hash('sha256', Buffer.concat([Buffer.from('candor content key id'), bytes]), 'buffer');
  return { key: { id: id.subarray(0, KEY_ID_BYTES), key: createSecretKey(bytes) }, isNew };
}

/** Writes beside and renames: a crash leaves no half a key, which would look like a wrong one. */
function writeKey(path: string, bytes: Buffer): void {
  const beside = `${path}.${randomBytes(4).toString('hex')}`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    writeSync(descriptor, bytes);
    // Content written under a key that a power cut then takes away would be lost.
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, path);
}
