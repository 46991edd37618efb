import type { Diagnostic } from '../../config/diagnostic.ts';
import type { LoadedConfiguration } from '../../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import type { Configuration } from '../../core/route.ts';
import { createRegistries } from '../../gateway.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { ConfigLoader } from './config-loader.ts';
import { nextFreePort, portReason, tryPort } from './free-port.ts';
import type { RunRequest } from './run-request.ts';

/** The configuration to begin with. @throws CommandError when it has errors */
export async function firstLoad(loader: ConfigLoader, terminal: Terminal): Promise<LoadedConfiguration> {
  const result = await loader.load();
  const diagnostics: readonly Diagnostic[] = result.ok ? result.warnings : result.diagnostics;
  if (diagnostics.length > 0) terminal.say(`${renderDiagnostics(diagnostics)}\n`);
  if (!result.ok) throw new CommandError(1, `${countDiagnostics(diagnostics)}. Nothing was started.`);
  // Before anything is begun: threads and processes take the environment with them.
  loader.settle(result);
  return result;
}

/** What reads the configuration of this run, now and later. */
export function loaderOf(request: RunRequest, terminal: Terminal, state: string | undefined): ConfigLoader {
  const options = {
    mode: request.mode,
    file: request.file,
    registries: createRegistries(),
    allowSim: request.allowSim,
    cwd: terminal.cwd,
    ...(state === undefined ? {} : { stateDirectory: state }),
    ...(request.port === undefined ? {} : { port: request.port }),
  };
  return new ConfigLoader(options, terminal.environment);
}

/** The configuration with what the command line and the machine say of port and workers. @throws CommandError when the port cannot be had */
export async function withAddress(
  configuration: Configuration,
  request: RunRequest,
  terminal: Terminal,
): Promise<Configuration> {
  return withWorkers(await withFreePort(configuration, request, terminal), request);
}

/** The configuration with as many workers as the command line says. */
function withWorkers(configuration: Configuration, { workers }: RunRequest): Configuration {
  if (workers === undefined) return configuration;
  return Object.freeze({ ...configuration, server: Object.freeze({ ...configuration.server, workers }) });
}

/** In `dev` a port that nobody asked for gives way; one that was asked for, or that clients rely on, does not. */
async function withFreePort(
  configuration: Configuration,
  request: RunRequest,
  terminal: Terminal,
): Promise<Configuration> {
  const { host, port } = configuration.server;
  const state = await tryPort(host, port);
  if (state.free) return configuration;
  const problem = `port ${port} on ${host} ${portReason(state.code)}`;
  const mayMove = request.mode === 'dev' && request.port === undefined && state.code === 'EADDRINUSE';
  const next = mayMove ? await nextFreePort(host, port) : null;
  if (next === null) throw new CommandError(1, `${problem}; choose another with --port`);
  terminal.say(`  ${problem}: taking ${next}\n`);
  return Object.freeze({ ...configuration, server: Object.freeze({ ...configuration.server, port: next }) });
}
