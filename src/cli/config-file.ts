import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { CommandError } from './command-error.ts';

const DEFAULT_FILE = 'candor.yaml';

/**
 * The config file a command is to read: the one named, else `candor.yaml` of the folder, else `null`.
 * @throws CommandError when the named one does not exist, or is of a kind that is not built yet.
 */
export function findConfigFile(cwd: string, named: string | undefined): string | null {
  if (named !== undefined) {
    if (/\.[cm]?[jt]s$/.test(named))
      throw new CommandError(2, `a config in TypeScript or JavaScript (${named}) is not built yet`);
    if (!existsSync(resolve(cwd, named))) throw new CommandError(2, `there is no file ${named}`);
    return named;
  }
  if (existsSync(resolve(cwd, DEFAULT_FILE))) return DEFAULT_FILE;
  if (existsSync(resolve(cwd, 'candor.config.ts'))) {
    throw new CommandError(2, 'this folder has a candor.config.ts, which is not built yet; write candor.yaml');
  }
  return null;
}
