import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile } from '../config/config-file.ts';
import { addEnvironmentFile } from './environment-file.ts';
import type { Terminal } from '../terminal.ts';

export interface DevOptions {
  readonly config?: string;
  readonly port?: number;
  readonly state?: string;
  readonly ephemeral?: boolean;
  readonly json?: boolean;
}

/** `candor dev`: a gateway for this machine, with simulators where the config has no real provider. Variables of `./.env` count where the environment has none. */
export async function runDev(options: DevOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.ephemeral === true && options.state !== undefined) {
    throw new CommandError(2, '--ephemeral and --state cannot be used together');
  }
  const file = findConfigFile(terminal.cwd, options.config);
  addEnvironmentFile(terminal.cwd, terminal.environment);
  // Only now, so that a wrong command line is told at once.
  const { runGateway } = await import('./run-gateway.ts');
  return runGateway(
    {
      mode: 'dev',
      file,
      port: options.port,
      state: options.state,
      ephemeral: options.ephemeral === true,
      allowSim: true,
      json: options.json === true,
    },
    terminal,
  );
}
