import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile } from '../config/config-file.ts';
import type { Terminal } from '../terminal.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly port?: number;
  readonly state?: string;
  readonly allowSim?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
}

/** `candor serve`: a gateway for production. It needs a config and refuses simulators unless told otherwise. */
export async function runServe(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const file = findConfigFile(terminal.cwd, options.config);
  if (file === null)
    throw new CommandError(2, 'serve needs a config: there is no candor.yaml here; name one with --config FILE');
  // Only now, so that a wrong command line is told at once.
  const { runGateway } = await import('./run-gateway.ts');
  return runGateway(
    {
      mode: 'serve',
      file,
      port: options.port,
      state: options.state,
      ephemeral: false,
      allowSim: options.allowSim === true,
      json: options.json === true,
      ...(options.workers === undefined ? {} : { workers: options.workers }),
    },
    terminal,
  );
}
