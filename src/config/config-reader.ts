import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

/** What reading one text comes to; a `problem` is the end of a sentence that begins with the file. */
export type ReadText =
  | { readonly text: string }
  /** `isMissing`: there is no such file; absent: there is one, or nobody knows. */
  | { readonly problem: string; readonly isMissing?: true };

/**
 * Where the texts of a configuration come from: the disk, or a snapshot. Everything a load reads goes
 * through one, save secrets. `name` is the path from the config's folder, with `/` between its parts.
 */
export interface ConfigReader {
  read(name: string): ReadText;
}

const MAX_BYTES = 4_194_304;

/** The name by which a path of the config is read and kept. */
export function textName(folder: string, path: string): string {
  return relative(folder, resolve(folder, path)).split(sep).join('/');
}

/** Reads from the disk, each text as it is at that moment. */
export function diskReader(folder: string): ConfigReader {
  return {
    read(name) {
      const file = resolve(folder, name);
      try {
        if (statSync(file).size > MAX_BYTES) return { problem: `is larger than ${MAX_BYTES} bytes` };
        const bytes = readFileSync(file);
        // Decoded all the same, a text would have other characters than its author gave it.
        return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { problem: 'is not text in UTF-8' };
      } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        return isMissing ? { problem: 'does not exist', isMissing } : { problem: 'cannot be read' };
      }
    },
  };
}

/** What one load has read, by name; `null` for a text that could not be read. */
export type ConfigTexts = ReadonlyMap<string, string | null>;

/** The same reader, which keeps in `texts` whatever is read. */
export function keepingReader(reader: ConfigReader, texts: Map<string, string | null>): ConfigReader {
  return {
    read(name) {
      const outcome = reader.read(name);
      texts.set(name, 'text' in outcome ? outcome.text : null);
      return outcome;
    },
  };
}
