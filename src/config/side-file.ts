import { textName, type ConfigReader } from './config-reader.ts';
import type { Span } from './diagnostic.ts';
import type { ReadContext } from './read.ts';

/** A context that also knows where the file's relative paths start, and how they are read. */
export interface FileContext extends ReadContext {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly reader: ConfigReader;
}

/** Whether a text of the config file is a path: it says so by its first characters. */
export function isPath(text: string): boolean {
  return /^(?:\.{1,2})?\//.test(text);
}

/** The text of a file the config names, else an `unreadable-file` error and `null`. */
export function readSideFile(context: FileContext, path: string, span: Span, where: string): string | null {
  const outcome = context.reader.read(textName(context.folder, path));
  if ('text' in outcome) return outcome.text;
  context.problems.error('unreadable-file', span, `${where}: the file ${path} ${outcome.problem}`);
  return null;
}
