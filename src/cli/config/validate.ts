import { loadConfigFile } from '../../config/load-file.ts';
import type { LoadOutcome } from '../../config/load.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile } from './config-file.ts';
import { runningConfig } from './running-config.ts';
import type { Terminal } from '../terminal.ts';
import { validationAnnotations } from './validation-annotations.ts';
import { validationSarif } from './validation-sarif.ts';
import type { ValidateOptions } from './validate-options.ts';
import { validationJson, validationText } from './validation-view.ts';

/** `candor validate [file]`: checks a config as `candor serve` would load it; simulators are a warning. */
export async function runValidate(
  named: string | undefined,
  options: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (named !== undefined && options.config !== undefined) throw new CommandError(2, 'name the file once');
  if (options.json === true && options.format !== undefined)
    throw new CommandError(2, 'use one of --json and --format');
  const file = findConfigFile(terminal.cwd, named ?? options.config);
  if (file === null) throw new CommandError(2, 'there is no candor.yaml or candor.config.ts here; name a file');
  // Only now, so that a wrong command line is told at once.
  const { createRegistries } = await import('../../gateway.ts');
  const { environment, cwd } = terminal;
  const result = await loadConfigFile({
    mode: 'serve',
    file,
    environment,
    registries: createRegistries(),
    allowSim: true,
    cwd,
  });
  terminal.out(await told(result, file, options, terminal));
  return result.ok ? 0 : 1;
}

async function told(result: LoadOutcome, file: string, options: ValidateOptions, terminal: Terminal): Promise<string> {
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  switch (options.json === true ? 'json' : (options.format ?? 'text')) {
    case 'json':
      return validationJson(result);
    case 'sarif':
      return validationSarif(diagnostics);
    case 'github':
      return validationAnnotations(diagnostics);
    case 'text':
      return validationText(result, file, result.ok ? null : await runningConfig(terminal, undefined));
  }
}
