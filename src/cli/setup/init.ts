import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CommandError, type ExitCode } from '../command-error.ts';
import { CONFIG_FILES, DEFAULT_CONFIG_FILE } from '../config/config-file.ts';
import { addEnvironmentFile } from '../run/environment-file.ts';
import { ignoreStateFolder } from './git-ignore.ts';
import { initialConfig } from './init-config.ts';
import { alignedRows } from '../text.ts';
import type { Terminal } from '../terminal.ts';
import { foundKeyNames, VENDOR_KEY_NAMES } from './vendor-keys.ts';

export interface InitOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

const SCHEMA_FILE = 'candor.schema.json';

/** `candor init`: writes a config that uses the keys found in the environment or in `./.env`, and simulates the other providers. */
export function runInit(options: InitOptions, terminal: Terminal): ExitCode {
  const existing = CONFIG_FILES.find((name) => existsSync(join(terminal.cwd, name)));
  if (existing !== undefined && (options.force !== true || existing !== DEFAULT_CONFIG_FILE)) {
    const way =
      existing === DEFAULT_CONFIG_FILE ? 'keep it, or overwrite it with --force' : 'remove it first, or keep it';
    throw new CommandError(1, `there is a ${existing} here: ${way}`);
  }
  const environment = { ...terminal.environment };
  addEnvironmentFile(terminal.cwd, environment);
  const keyNames = foundKeyNames(environment);
  const schema = packagedSchema();
  writeFileSync(join(terminal.cwd, DEFAULT_CONFIG_FILE), initialConfig(keyNames, schema !== null));
  const wrote = [DEFAULT_CONFIG_FILE];
  if (schema !== null && (options.force === true || !existsSync(join(terminal.cwd, SCHEMA_FILE)))) {
    writeFileSync(join(terminal.cwd, SCHEMA_FILE), schema);
    wrote.push(SCHEMA_FILE);
  }
  const ignored = ignoreStateFolder(terminal.cwd);
  const simulated = Object.keys(VENDOR_KEY_NAMES).filter((kind) => !keyNames.has(kind));
  const done = {
    found: [...keyNames.values()],
    wrote,
    gitignore: ignored,
    real: [...keyNames.keys()],
    simulated,
  };
  terminal.out(options.json === true ? `${JSON.stringify(done)}\n` : initText(done));
  return 0;
}

interface InitReport {
  readonly found: readonly string[];
  readonly wrote: readonly string[];
  /** Whether a line was added to `.gitignore`. */
  readonly gitignore: boolean;
  readonly real: readonly string[];
  readonly simulated: readonly string[];
}

function initText(done: InitReport): string {
  const { found, real, simulated } = done;
  const rows = [
    [
      'found',
      found.length === 0
        ? 'no keys in the environment or in .env'
        : `${found.join(', ')} (their values are not read into the file)`,
    ],
    ['wrote', `${done.wrote.join(', ')}${done.gitignore ? ', and .candor/ into .gitignore' : ''}`],
    ...(real.length === 0 ? [] : [['real', real.join(', ')]]),
    ...(simulated.length === 0 ? [] : [['simulated', `${simulated.join(', ')}: no key was found`]]),
    ['next', simulated.length === 0 ? 'candor doctor, then candor serve' : 'candor doctor, then candor dev'],
  ];
  return alignedRows(rows)
    .map((line) => `  ${line}\n`)
    .join('');
}

/** The JSON Schema of the config, for editors; `null` in a package without one. */
function packagedSchema(): string | null {
  const path = fileURLToPath(new URL(`../../../${SCHEMA_FILE}`, import.meta.url));
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
