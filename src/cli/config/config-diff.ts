import { configurationDiff } from '../../config/snapshot/configuration-diff.ts';
import { changesText } from './change-view.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findSnapshot, keptConfigurations, readSnapshot, type KeptOptions } from './kept-configurations.ts';
import type { Terminal } from '../terminal.ts';

export interface ConfigDiffOptions extends KeptOptions {
  readonly json?: boolean;
}

/** `candor config diff A..B`: what B decides differently; from what is kept, so that no gateway need run. */
export async function runConfigDiff(range: string, options: ConfigDiffOptions, terminal: Terminal): Promise<ExitCode> {
  const match = /^([0-9a-f]+|now)\.\.([0-9a-f]+|now)$/.exec(range);
  if (match === null) throw new CommandError(2, `write two configurations as 9f2c1a..now, not ${range}`);
  const snapshots = keptConfigurations(options, terminal);
  const from = findSnapshot(snapshots, match[1] ?? '');
  const to = findSnapshot(snapshots, match[2] ?? '');
  const before = await readSnapshot(from, terminal);
  const after = await readSnapshot(to, terminal);
  const diff = configurationDiff(before.configuration, after.configuration);
  if (options.json === true) terminal.out(`${JSON.stringify({ from: from.hash, to: to.hash, diff })}\n`);
  else terminal.out(diff.length === 0 ? 'they decide the same\n' : changesText(diff));
  return 0;
}
