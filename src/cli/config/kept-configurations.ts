import { resolve } from 'node:path';

import { loadConfiguration, type LoadedConfiguration } from '../../config/load.ts';
import { BUILT_IN_ORIGIN } from '../../config/built-in.ts';
import { renderDiagnostics } from '../../config/render-diagnostics.ts';
import { keptHookModules } from '../../config/hook-modules.ts';
import { snapshotReader, type Snapshot } from '../../config/snapshot/snapshot.ts';
import { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';

/** Where a command finds the configurations that have been in force. */
export interface KeptOptions {
  readonly state?: string;
}

/** The snapshots of a state folder, the one in force first. @throws CommandError when there is none */
export function keptConfigurations(options: KeptOptions, terminal: Terminal): readonly [Snapshot, ...Snapshot[]] {
  const folder = options.state ?? '.candor';
  const [first, ...others] = new SnapshotFolder(resolve(terminal.cwd, folder)).all();
  if (first !== undefined) return [first, ...others];
  throw new CommandError(
    1,
    `no configuration has been in force with ${folder}; start a gateway, or name its folder with --state`,
  );
}

/** The snapshot meant by a hash, the beginning of one, or `now`. @throws CommandError */
export function findSnapshot(snapshots: readonly [Snapshot, ...Snapshot[]], word: string): Snapshot {
  if (word === 'now') return snapshots[0];
  const found = snapshots.filter(({ hash }) => hash.startsWith(word));
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  const reason = found.length === 0 ? 'there is no configuration' : `${found.length} configurations begin with`;
  throw new CommandError(1, `${reason} ${word}; \`candor config list\` shows all`);
}

/**
 * The configuration of a snapshot, for looking at it: its secrets are the references to them.
 * @throws CommandError when this version does not read it any more
 */
export async function readSnapshot(snapshot: Snapshot, terminal: Terminal): Promise<LoadedConfiguration> {
  const { createRegistries } = await import('../../gateway.ts');
  const result = loadConfiguration({
    mode: snapshot.mode,
    file: snapshot.origin === BUILT_IN_ORIGIN ? null : snapshot.origin,
    reader: snapshotReader(snapshot),
    environment: {},
    secretReferencesOnly: true,
    hooks: keptHookModules(snapshot.hooks),
    registries: createRegistries(),
    allowSim: true,
    cwd: terminal.cwd,
  });
  if (result.ok) return result;
  throw new CommandError(
    1,
    `config ${snapshot.hash} is not one this version can read:\n${renderDiagnostics(result.diagnostics)}`,
  );
}
