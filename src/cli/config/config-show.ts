import { BUILT_IN_TEXT } from '../../config/built-in.ts';
import { maskedText, parseDocumentText } from '../../config/document.ts';
import { effectiveJson, effectiveText } from '../../config/effective/effective-text.ts';
import { effectiveValues } from '../../config/effective/effective.ts';
import { loadConfigFile } from '../../config/load-file.ts';
import type { LoadedConfiguration, LoadOptions } from '../../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile, readConfigText } from './config-file.ts';
import { runningConfig } from './running-config.ts';
import type { Terminal } from '../terminal.ts';

export interface ConfigShowOptions {
  readonly config?: string;
  readonly effective?: boolean;
  readonly dev?: boolean;
  readonly port?: number;
  readonly state?: string;
  readonly json?: boolean;
}

/** `candor config show [file]`: the file as it is, or every value in force with its origin. Secrets are never in it. */
export async function runConfigShow(
  named: string | undefined,
  options: ConfigShowOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (named !== undefined && options.config !== undefined) throw new CommandError(2, 'name the file once');
  const file = findConfigFile(terminal.cwd, named ?? options.config);
  if (options.effective !== true) {
    for (const word of ['dev', 'port', 'state', 'json'] as const) {
      if (options[word] !== undefined) throw new CommandError(2, `--${word} goes with --effective`);
    }
    const text = file === null ? BUILT_IN_TEXT : readConfigText(terminal.cwd, file);
    terminal.out(maskedText(text));
    return 0;
  }
  await showEffective(file, options, terminal);
  return 0;
}

async function showEffective(file: string | null, options: ConfigShowOptions, terminal: Terminal): Promise<void> {
  const { createRegistries } = await import('../../gateway.ts');
  const registries = createRegistries();
  const mode = file === null || options.dev === true ? 'dev' : 'serve';
  const wanted: LoadOptions = {
    mode,
    file,
    environment: terminal.environment,
    secretReferencesOnly: true,
    registries,
    allowSim: true,
    cwd: terminal.cwd,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.state === undefined ? {} : { stateDirectory: options.state }),
  };
  const loaded = await load(wanted, terminal);
  const { configuration, texts } = loaded;
  const { root } = parseDocumentText(texts.get(configuration.origin) ?? '', configuration.origin);
  if (root === null) throw new TypeError('a configuration that loads has a text that parses');
  const values = effectiveValues({
    configuration,
    root,
    kinds: registries.providers,
    options: decidedBy(options),
    wallTime: Date.now(),
  });
  if (options.json === true) terminal.out(`${JSON.stringify(effectiveJson(values))}\n`);
  else {
    terminal.out(`# config ${configuration.hash} from ${file ?? 'no file'}, as \`candor ${mode}\` runs it\n\n`);
    terminal.out(effectiveText(values));
  }
  await sayWhatRuns(loaded, wanted, terminal);
}

async function load(options: LoadOptions, terminal: Terminal): Promise<LoadedConfiguration> {
  const result = await loadConfigFile(options);
  if (result.ok) return result;
  terminal.say(`${renderDiagnostics(result.diagnostics)}\n`);
  throw new CommandError(1, `${countDiagnostics(result.diagnostics)}: nothing would be in force`);
}

function decidedBy({ port, state }: ConfigShowOptions): ReadonlyMap<string, string> {
  return new Map([
    ...(port === undefined ? [] : [['server.listen', '--port'] as const]),
    ...(state === undefined ? [] : [['server.store', '--state'] as const]),
  ]);
}

/** What is shown is the file's; a gateway that runs may have begun with another one. */
async function sayWhatRuns(loaded: LoadedConfiguration, options: LoadOptions, terminal: Terminal): Promise<void> {
  const running = await runningConfig(terminal, options.stateDirectory);
  if (running === null || running === loaded.configuration.hash) return;
  const other = await loadConfigFile({ ...options, mode: options.mode === 'dev' ? 'serve' : 'dev' });
  if (other.ok && other.configuration.hash === running) return;
  terminal.say(`candor: the gateway that runs here has config ${running} in force, not this one\n`);
}
