import { basename, dirname, relative, resolve } from 'node:path';

import { BUILT_IN_ORIGIN, BUILT_IN_TEXT } from './built-in.ts';
import { diskReader, keepingReader, type ConfigReader } from './config-reader.ts';

/** A configuration as text, and how its further texts are read. */
export interface ConfigSource {
  /** The problem is the end of a sentence that begins with `displayName`. */
  readonly main: ReturnType<ConfigReader['read']>;
  /** The file's name as it stands in `at`. */
  readonly origin: string;
  /** The file as the operator would name it. */
  readonly displayName: string;
  /** Where relative paths start; absolute. */
  readonly folder: string;
  readonly reader: ConfigReader;
}

/**
 * Opens the config file, or the configuration Candor brings; every text read is added to `texts`.
 * @param options `file`: `null` is the built-in one; `reader`: the disk when left out
 */
export function openSource(
  options: { readonly file: string | null; readonly cwd: string; readonly reader?: ConfigReader },
  texts: Map<string, string | null>,
): ConfigSource {
  if (options.file === null) {
    const reader = keepingReader(options.reader ?? builtInReader, texts);
    const names = { origin: BUILT_IN_ORIGIN, displayName: BUILT_IN_ORIGIN, folder: options.cwd };
    return { ...names, main: reader.read(BUILT_IN_ORIGIN), reader };
  }
  const path = resolve(options.cwd, options.file);
  const folder = dirname(path);
  const origin = basename(path);
  const reader = keepingReader(options.reader ?? diskReader(folder), texts);
  const displayName = displayNameOf(options.file, options.cwd);
  return { main: reader.read(origin), origin, displayName, folder, reader };
}

/** Whether a config file is a program, by its name. */
export function isConfigModule(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file);
}

/** A file as the operator would name it. */
export function displayNameOf(file: string, cwd: string): string {
  const inside = relative(cwd, resolve(cwd, file));
  return inside.startsWith('..') ? file : inside;
}

/** The built-in configuration names no other file. */
const builtInReader: ConfigReader = {
  read: (name) => (name === BUILT_IN_ORIGIN ? { text: BUILT_IN_TEXT } : { problem: 'does not exist' }),
};
