import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerKeyId } from './checkpoint-format.ts';

/** Public keys that checkpoints are checked with, by the name a checkpoint has for them. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g;

/** The Ed25519 keys in a text of SPKI PEM blocks; what is none is left out. */
export function parsePublicKeys(text: string): PublicKeys {
  const keys = new Map<string, KeyObject>();
  for (const block of text.match(PEM_BLOCK) ?? []) {
    try {
      const key = createPublicKey(block);
      if (key.asymmetricKeyType === 'ed25519') keys.set(ledgerKeyId(key), key);
    } catch {
      // Not a key: what was signed with it will be told to be signed with an unknown one.
    }
  }
  return keys;
}

/** The public keys that lie beside a ledger: the one in use, and those of before. None where there is no such folder. */
export function readPublicKeys(directory: string): PublicKeys {
  const folder = join(directory, 'keyring');
  const keys = new Map<string, KeyObject>();
  for (const name of namesIn(folder).filter((found) => /^ledger.*\.pub$/.test(found))) {
    for (const [id, key] of parsePublicKeys(readFileSync(join(folder, name), 'utf8'))) keys.set(id, key);
  }
  return keys;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
