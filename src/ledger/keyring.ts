import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
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
import { ledgerKeyId } from './checkpoints/checkpoint-format.ts';

export const KEY_ID_BYTES = 8;
const KEY_BYTES = 32;

/** A key that content is encrypted with. A `KeyObject` prints nothing of itself, like a `Secret`. */
export interface ContentKey {
  /** Says which key a batch needs, without giving any of it away. */
  readonly id: Buffer;
  readonly key: KeyObject;
}

/** The private key that signs checkpoints, Ed25519. */
export interface LedgerKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A key, and whether it had to be made because there was none. */
export interface OpenedKey<Key> {
  readonly key: Key;
  readonly isNew: boolean;
}

/**
 * The key of the content store, from `keyring/content.key`; made (32 random bytes) when there is
 * none. The folder is its owner's alone (0700), so is the file (0600); both are set so again when
 * they are not.
 * @throws Error when the file cannot be read or written, or is no key
 */
export function openContentKey(directory: string): OpenedKey<ContentKey> {
  const path = join(directory, 'content.key');
  const { bytes, isNew } = openKeyFile(directory, 'content.key', () => randomBytes(KEY_BYTES));
  return { key: contentKeyOf(bytes, path), isNew };
}

/** The key of the content store, when there is one; makes and changes nothing. @throws Error like `openContentKey` */
export function readContentKey(directory: string): ContentKey | null {
  const path = join(directory, 'content.key');
  return existsSync(path) ? contentKeyOf(readKey(path, CONTENT_LOST), path) : null;
}

function contentKeyOf(bytes: Buffer, path: string): ContentKey {
  if (bytes.length !== KEY_BYTES) {
    throw new Error(`${path} is not a content key: it must hold ${KEY_BYTES} bytes. ${adviceFor(path, CONTENT_LOST)}`);
  }
  const id = hash('sha256', Buffer.concat([Buffer.from('candor content key id'), bytes]), 'buffer');
  return { id: id.subarray(0, KEY_ID_BYTES), key: createSecretKey(bytes) };
}

/**
 * The key that signs checkpoints, from `keyring/ledger.key` (PKCS#8 PEM); made when there is none. Its
 * public half lies beside it as `ledger.pub` (SPKI PEM). The public half of a key that is no more
 * goes on as `ledger-<key id>.pub`: what was signed with it can be checked with nothing else.
 * @throws Error when a file cannot be read or written, or is no key
 */
export function openLedgerKey(directory: string): OpenedKey<LedgerKey> {
  const path = join(directory, 'ledger.key');
  const { bytes, isNew } = openKeyFile(directory, 'ledger.key', () =>
    Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  const key = parseKey(() => createPrivateKey(bytes));
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new Error(`${path} is not an Ed25519 key in PKCS#8 PEM. ${adviceFor(path, SIGNER_LOST)}`);
  }
  const id = ledgerKeyId(key);
  putPublicKey(directory, createPublicKey(key), id);
  return { key: { id, key }, isNew };
}

const CONTENT_LOST = 'then the prompts and answers kept so far cannot be read';
const SIGNER_LOST = 'then checkpoints are signed by another key from now on';

function putPublicKey(directory: string, publicKey: KeyObject, id: string): void {
  const path = join(directory, 'ledger.pub');
  if (existsSync(path)) {
    const old = parseKey(() => createPublicKey(readKey(path, 'it is made again')));
    const oldId = old?.asymmetricKeyType === 'ed25519' ? ledgerKeyId(old) : null;
    if (oldId === id) return;
    if (oldId !== null) renameSync(path, join(directory, `ledger-${oldId}.pub`));
  }
  writeKey(path, Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })));
}

function openKeyFile(directory: string, name: string, make: () => Buffer): { bytes: Buffer; isNew: boolean } {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = join(directory, name);
  const isNew = !existsSync(path);
  if (isNew) writeKey(path, make());
  const bytes = readKey(path, name === 'content.key' ? CONTENT_LOST : SIGNER_LOST);
  chmodSync(path, 0o600);
  return { bytes, isNew };
}

/** @throws Error that says what to do about it */
function readKey(path: string, consequence: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(`${path} cannot be read (${code}). ${adviceFor(path, consequence)}`, { cause: error });
  }
}

function adviceFor(path: string, consequence: string): string {
  return `Give the gateway's user the right to read it, or put a copy of the file back; or move ${path} away to have a new one made: ${consequence}`;
}

function parseKey(parse: () => KeyObject): KeyObject | null {
  try {
    return parse();
  } catch {
    // What it is not, is told by who asked for it.
    return null;
  }
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

/** Who signs in the name of a folder. */
export interface LedgerSigner {
  /** What its public key is called. */
  readonly keyId: string;
  sign(bytes: Buffer): Buffer;
}
