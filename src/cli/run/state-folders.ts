import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import type { Configuration } from '../../core/route.ts';
import { isAlive } from '../../ledger/process-identity.ts';
import { CommandError } from '../command-error.ts';
import { readRunFile, removeRunFile, writeRunFile, type RunFile } from '../run-file.ts';
import type { Terminal } from '../terminal.ts';
import type { Cleanup, RunRequest } from './run-request.ts';

/** A folder for a state that is gone with the process. */
export function temporaryState(cleanups: Cleanup[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @throws CommandError when a gateway already runs with that folder */
export function refuseSecondGateway(store: string): void {
  const other = readRunFile(store);
  if (other === null || !isAlive(other)) return;
  throw new CommandError(
    1,
    `a gateway (pid ${other.pid}) already runs with this state folder, at ${other.url}; a second one needs its own: --state DIR or --ephemeral`,
  );
}

/** Tells commands where this gateway is, for as long as it runs. */
export function announce(
  run: RunFile,
  request: RunRequest,
  terminal: Terminal,
  configuration: Configuration,
  cleanups: Cleanup[],
): void {
  for (const folder of runFolders(request, terminal, configuration, cleanups)) {
    writeRunFile(folder, run);
    cleanups.push(() => removeRunFile(folder, process.pid));
  }
}

/**
 * The folders in which commands look for this gateway: its state folder and, for one whose state is
 * temporary, also `.candor` of the current folder, for as long as it runs and unless another gateway has it.
 */
function runFolders(
  request: RunRequest,
  terminal: Terminal,
  configuration: Configuration,
  cleanups: Cleanup[],
): readonly string[] {
  const own = configuration.server.store;
  if (!request.ephemeral) return [own];
  const here = resolve(terminal.cwd, '.candor');
  const other = readRunFile(here);
  if (other !== null && isAlive(other)) {
    terminal.say(`  commands in this folder reach the gateway of pid ${other.pid}; for this one add --state ${own}\n`);
    return [own];
  }
  cleanups.push(() => removeIfEmpty(here));
  return [own, here];
}

function removeIfEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  } catch {
    // It is gone already, or somebody else's: either way there is nothing of ours to remove.
  }
}

/** A path as a person in that folder would name it. */
export function shown(cwd: string, path: string): string {
  const inside = relative(cwd, path);
  return inside.startsWith('..') ? path : `./${inside}`;
}
