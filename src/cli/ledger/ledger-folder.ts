import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

/**
 * The state folder whose ledger a command reads: the one named, else `./.candor`.
 * @throws CommandError with exit code 2 when it has no ledger
 */
export function findLedgerFolder(terminal: Terminal, state: string | undefined): string {
  const folder = resolve(terminal.cwd, state ?? '.candor');
  if (existsSync(join(folder, 'journal'))) return folder;
  const where = state ?? './.candor';
  throw new CommandError(2, `there is no ledger in ${where}: name the gateway's state folder with --state`);
}
