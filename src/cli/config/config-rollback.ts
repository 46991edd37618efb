import { copyFileSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

import { BUILT_IN_ORIGIN } from '../../config/built-in.ts';
import { diskReader } from '../../config/config-reader.ts';
import { configurationDiff } from '../../config/snapshot/configuration-diff.ts';
import { displayNameOf, isConfigModule } from '../../config/source.ts';
import type { Snapshot } from '../../config/snapshot/snapshot.ts';
import { moduleSources } from '../../config/typed/module-sources.ts';
import { isAlive } from '../../ledger/process-identity.ts';
import { changesText } from './change-view.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { DEFAULT_CONFIG_FILE } from './config-file.ts';
import { findSnapshot, keptConfigurations, readSnapshot, type KeptOptions } from './kept-configurations.ts';
import { runReload } from './reload.ts';
import { readRunFile } from '../run-file.ts';
import type { Terminal } from '../terminal.ts';

export interface RollbackOptions extends KeptOptions {
  readonly config?: string;
}

/** What a file that is written over is called from then on. */
const BACKUP_SUFFIX = '.before-rollback';

/** `candor config rollback`: writes the files of an earlier configuration back, then has a gateway that runs reload. */
export async function runRollback(
  hash: string | undefined,
  options: RollbackOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const snapshots = keptConfigurations(options, terminal);
  const [current, before] = snapshots;
  const target = hash === undefined ? before : findSnapshot(snapshots, hash);
  if (target === undefined) throw new CommandError(1, `there is no configuration before ${current.hash}`);
  const folder = folderOf(target, options.config, terminal.cwd);
  requireHooks(target, folder);
  // It must be one that this version can load before anything is written over.
  const { configuration, texts } = await readSnapshot(target, terminal);
  const stray = Object.keys(target.files).find((name) => !texts.has(name));
  if (stray !== undefined) {
    const message = `config ${target.hash} does not read ${stray}, which its snapshot holds: the snapshot is not as it was written`;
    throw new CommandError(1, `${message}. Nothing was written; take the config from version control`);
  }
  const written = Object.entries(target.files).filter(([name, text]) => writeBack(resolve(folder, name), text));
  for (const [name] of written) terminal.out(`wrote ${displayNameOf(resolve(folder, name), terminal.cwd)}\n`);
  const diff = configurationDiff((await readSnapshot(current, terminal)).configuration, configuration);
  terminal.out(changesText(diff));
  const run = readRunFile(resolve(terminal.cwd, options.state ?? '.candor'));
  if (run === null || !isAlive(run)) {
    terminal.say(`no gateway runs here: config ${target.hash} takes effect with the next start\n`);
    return 0;
  }
  return await runReload(options.state === undefined ? {} : { state: options.state }, terminal);
}

/** Where the files of the snapshot belong. @throws CommandError when they cannot be written back */
function folderOf({ hash, origin }: Snapshot, named: string | undefined, cwd: string): string {
  if (origin === BUILT_IN_ORIGIN) {
    throw new CommandError(1, `config ${hash} is the built-in one: remove the config file and start again to use it`);
  }
  if (isConfigModule(origin)) {
    const message = `config ${hash} was made by a program (${origin}), whose text is not kept; take it from version control`;
    throw new CommandError(1, message);
  }
  const file = resolve(cwd, named ?? DEFAULT_CONFIG_FILE);
  if (relative(dirname(file), file) === origin) return dirname(file);
  throw new CommandError(1, `config ${hash} was read from ${origin}: name that file with --config`);
}

/** @throws CommandError when the functions it ran with are not those of the disk: their source is known by its hash only */
function requireHooks({ hash, hooks }: Snapshot, folder: string): void {
  const reader = diskReader(folder);
  const other = Object.entries(hooks).find(([module, sha256]) => moduleSources(module, reader).sha256 !== sha256);
  if (other === undefined) return;
  const [module, sha256] = other;
  const message = `config ${hash} ran functions of ${module} whose source had SHA-256 ${sha256.slice(0, 12)}…, and it is another now`;
  throw new CommandError(
    1,
    `${message}. Nothing was written; take ${module}, and what it imports, from version control first`,
  );
}

/** Writes the text unless it is there already, with what was there beside it. */
function writeBack(path: string, text: string): boolean {
  const present = readText(path);
  if (present === text) return false;
  // Where the name is a link, what it points to is written.
  const file = present === null ? path : realpathSync(path);
  if (present !== null) copyFileSync(file, `${path}${BACKUP_SUFFIX}`);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, present === null ? {} : { mode: statSync(file).mode });
  renameSync(draft, file);
  return true;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
