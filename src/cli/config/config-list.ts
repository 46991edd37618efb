import type { ExitCode } from '../command-error.ts';
import { keptConfigurations, type KeptOptions } from './kept-configurations.ts';
import type { Terminal } from '../terminal.ts';
import { alignedRows } from '../text.ts';

export interface ConfigListOptions extends KeptOptions {
  readonly json?: boolean;
}

/** `candor config list`: what has been in force, the last first. */
export function runConfigList(options: ConfigListOptions, terminal: Terminal): ExitCode {
  const snapshots = keptConfigurations(options, terminal);
  if (options.json === true) {
    const data = snapshots.map(({ hash, createdAt, inForceAt, origin, mode, files }, index) => ({
      hash,
      created_at: createdAt,
      in_force_at: inForceAt,
      current: index === 0,
      origin,
      mode,
      files: Object.keys(files),
    }));
    terminal.out(`${JSON.stringify({ object: 'list', data })}\n`);
    return 0;
  }
  const rows = snapshots.map(({ hash, inForceAt, origin, mode }, index) => [
    index === 0 ? '*' : ' ',
    hash,
    inForceAt,
    mode,
    origin,
  ]);
  const lines = alignedRows(
    [['', 'config', 'in force from', 'mode', 'file'], ...rows],
    ['left', 'left', 'left', 'left'],
  );
  terminal.out(`${lines.join('\n')}\n`);
  return 0;
}
