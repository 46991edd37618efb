import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import { CommandError } from '../command-error.ts';

const FILE = '.env';

/** The variables of `./.env`; empty where there is no such file. @throws CommandError when it is there and cannot be read */
export function readEnvironmentFile(cwd: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(join(cwd, FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return new Map();
    throw new CommandError(1, `${FILE} cannot be read (${code ?? String(error)}): make it readable, or remove it`);
  }
  const pairs = Object.entries(parseEnv(text));
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** Adds the variables of `./.env` that the environment does not have: what the shell says counts. */
export function addEnvironmentFile(cwd: string, environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of readEnvironmentFile(cwd)) environment[name] ??= value;
}
