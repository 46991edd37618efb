import { createHash } from 'node:crypto';
import { posix } from 'node:path';

import type { ConfigReader } from '../config-reader.ts';

/** The texts one module is made of. */
export interface ModuleSources {
  /** The module and whatever it imports by a relative path, by their paths from the config's folder. */
  readonly texts: ReadonlyMap<string, string>;
  /** SHA-256 over all of them and their names, hexadecimal. */
  readonly sha256: string;
}

/** What an import may leave out of a file's name; TypeScript is also imported under the name it will be compiled to. */
const ENDINGS = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/**
 * Finds the texts of a module. Packages, and imports by a computed name, are not among them.
 * @param name path from the config's folder
 */
export function moduleSources(name: string, reader: ConfigReader): ModuleSources {
  const texts = new Map<string, string>();
  const take = (file: string): boolean => {
    if (texts.has(file)) return true;
    const read = reader.read(file);
    if (!('text' in read)) return false;
    texts.set(file, read.text);
    for (const [, , path = ''] of read.text.matchAll(IMPORT)) takeImport(posix.join(posix.dirname(file), path));
    return true;
  };
  const takeImport = (path: string): void => {
    if (path.includes('node_modules/')) return;
    const names = [...ENDINGS.map((ending) => path + ending), path.replace(/\.([cm]?)js$/, '.$1ts')];
    names.some(take);
  };
  take(name);
  const entries = [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { texts, sha256: createHash('sha256').update(JSON.stringify(entries)).digest('hex') };
}

/** Reads texts that were read before. */
export function textsReader(texts: ReadonlyMap<string, string>): ConfigReader {
  return {
    read(name) {
      const text = texts.get(name);
      return text === undefined ? { problem: 'was not read with the config' } : { text };
    },
  };
}
