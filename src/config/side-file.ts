import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Span } from './diagnostic.ts';
import type { ReadContext } from './read.ts';

const MAX_BYTES = 4_194_304;

/** A context that also knows where the file's relative paths start. */
export interface FileContext extends ReadContext {
  /** Absolute path of the folder. */
  readonly folder: string;
}

/** Whether a text of the config file is a path: it says so by its first characters. */
export function isPath(text: string): boolean {
  return /^(?:\.{1,2})?\//.test(text);
}

/** The text of a file the config names, else an `unreadable-file` error and `null`. */
export function readSideFile(context: FileContext, path: string, span: Span, where: string): string | null {
  const file = resolve(context.folder, path);
  try {
    if (statSync(file).size <= MAX_BYTES) return readFileSync(file, 'utf8');
    context.problems.error('unreadable-file', span, `${where}: the file ${path} is larger than ${MAX_BYTES} bytes`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    context.problems.error('unreadable-file', span, `${where}: the file ${path} ${reason}`);
  }
  return null;
}
