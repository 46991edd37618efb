import { isJsonObject, parseJson, stringMember } from '../../core/json.ts';
import type { KeyObject } from 'node:crypto';
import { parsePublicKeys, type PublicKeys } from './public-keys.ts';

/** Checkpoints that were kept elsewhere, as `encodeKeptKey` and the log's own lines make them. */
export interface KeptCheckpoints {
  readonly keys: PublicKeys;
  readonly lines: readonly string[];
}

/** One line with a public key. */
export function encodeKeptKey(id: string, key: KeyObject): string {
  return JSON.stringify({ type: 'public_key', key: id, pem: key.export({ type: 'spki', format: 'pem' }) });
}

/** Reads a file of kept checkpoints: lines with public keys, and the log's lines unchanged. */
export function parseKeptCheckpoints(text: string): KeptCheckpoints {
  const keys = new Map<string, KeyObject>();
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const value = line.startsWith('{"type":"public_key"') ? parseJson(line) : undefined;
    if (!isJsonObject(value)) lines.push(line);
    else for (const [id, key] of parsePublicKeys(stringMember(value, 'pem') ?? '')) keys.set(id, key);
  }
  return { keys, lines };
}
