import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import { diskReader } from '../../config/config-reader.ts';
import { CommandError } from '../command-error.ts';

/** The config file of a folder. */
export const DEFAULT_CONFIG_FILE = 'candor.yaml';

/** Every name a config file is found by. */
export const CONFIG_FILES = [
  DEFAULT_CONFIG_FILE,
  ...['ts', 'mts', 'js', 'mjs'].map((ending) => `candor.config.${ending}`),
];

/**
 * The config file a command is to read: the one named, else `candor.yaml` or `candor.config.ts` (`.mts`, `.js`,
 * `.mjs`) of the folder, else `null`.
 * @throws CommandError when the named one does not exist, or the folder has several.
 */
export function findConfigFile(cwd: string, named: string | undefined): string | null {
  if (named !== undefined) {
    if (!existsSync(resolve(cwd, named))) throw new CommandError(2, `there is no file ${named}`);
    return named;
  }
  const found = CONFIG_FILES.filter((name) => existsSync(resolve(cwd, name)));
  if (found.length > 1) {
    throw new CommandError(2, `this folder has ${found.join(' and ')}: keep one, or name one with --config`);
  }
  return found[0] ?? null;
}

/** The text of a config file, by the rules a load reads it by. @throws CommandError when there is none to be had */
export function readConfigText(cwd: string, file: string): string {
  const path = resolve(cwd, file);
  const read = diskReader(dirname(path)).read(basename(path));
  if ('problem' in read) throw new CommandError(1, `${file} ${read.problem}`);
  return read.text;
}
