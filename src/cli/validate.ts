import { loadConfiguration } from '../config/load.ts';
import { CommandError, type ExitCode } from './command-error.ts';
import { findConfigFile } from './config-file.ts';
import type { Terminal } from './terminal.ts';
import { validationJson, validationText } from './validation-view.ts';

export interface ValidateOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `candor validate [file]`: checks a config as `candor serve` would load it; simulators are a warning. */
export async function runValidate(
  named: string | undefined,
  options: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (named !== undefined && options.config !== undefined) throw new CommandError(2, 'name the file once');
  const file = findConfigFile(terminal.cwd, named ?? options.config);
  if (file === null) throw new CommandError(2, 'there is no candor.yaml here; name a file');
  // Only now, so that a wrong command line is told at once.
  const { createRegistries } = await import('../gateway.ts');
  const { environment, cwd } = terminal;
  const result = loadConfiguration({
    mode: 'serve',
    file,
    environment,
    registries: createRegistries(),
    allowSim: true,
    cwd,
  });
  terminal.out(options.json === true ? validationJson(result) : validationText(result, file));
  return result.ok ? 0 : 1;
}
