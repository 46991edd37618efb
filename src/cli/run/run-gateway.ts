import { mkdtempSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import { pino, type Logger } from 'pino';

import type { Diagnostic } from '../../config/diagnostic.ts';
import type { LoadedConfiguration } from '../../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import type { Reload } from '../../core/reload.ts';
import type { Configuration } from '../../core/route.ts';
import { VERSION } from '../../core/version.ts';
import { createGateway, createRegistries } from '../../gateway.ts';
import { isAlive, thisProcess } from '../../ledger/process-identity.ts';
import { startSimulator } from '../../simulator/simulator.ts';
import { banner, readyLine, type ReadyFacts } from './banner.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { ConfigLoader } from './config-loader.ts';
import { ConfigReloader } from './config-reloader.ts';
import { devKeyboard, KEYS_LINE, listenForDevKeys } from './dev-keys.ts';
import { nextFreePort, portReason, tryPort } from './free-port.ts';
import { readRunFile, removeRunFile, writeRunFile, type RunFile } from '../run-file.ts';
import { listenForHangup } from './hangup-signal.ts';
import { announceConfigFile, reloadAndSay, reloadAsAsked, reloadOnChange } from './reload-triggers.ts';
import { inThisProcess, type RunningGateway } from './running-gateway.ts';
import { simulatorProviders } from './simulated-providers.ts';
import { listenForStop } from './stop-signal.ts';
import type { Terminal } from '../terminal.ts';
import { foundKeyNames } from '../setup/vendor-keys.ts';
import { createWorkersGateway } from '../workers/workers-gateway.ts';

/** How a gateway is to be run. */
export interface RunRequest {
  readonly mode: 'dev' | 'serve';
  readonly file: string | null;
  readonly port: number | undefined;
  readonly state: string | undefined;
  readonly ephemeral: boolean;
  readonly allowSim: boolean;
  readonly json: boolean;
  /** How many processes are to serve the port, whatever the file says. */
  readonly workers?: number;
}

/** What has to be undone at the end, the last first. */
type Cleanup = () => void | Promise<void>;

/** Runs a gateway until it is asked to stop. Leaves no process, socket or `run.json` behind, also when the start fails. */
export async function runGateway(request: RunRequest, terminal: Terminal): Promise<ExitCode> {
  const cleanups: Cleanup[] = [];
  // A person at a terminal reads the banner; requests are logged where logs are collected.
  const level = request.mode === 'dev' && process.stderr.isTTY ? 'warn' : 'info';
  const logger = pino({ level }, pino.destination({ dest: 2, sync: true }));
  const stop = listenForStop((error) => logger.fatal({ event: 'fault', err: error }));
  cleanups.push(() => stop.release());
  try {
    const gateway = await start(request, terminal, cleanups, logger);
    const reason = await stop.received;
    if (terminal.interactive) terminal.say(`\n  ${reason}: stopping\n`);
    // Whoever presses Ctrl-C does not want to wait for others; a second signal says the same.
    if (reason === 'SIGINT') return 0;
    // What closing fails of, `drain` fails of too.
    void stop.again.then(() => gateway.close()).catch(() => undefined);
    await gateway.drain();
    return reason === 'fault' ? 1 : 0;
  } finally {
    await undo(cleanups);
  }
}

/** Does every cleanup, the last first, also when one of them fails; then fails as the first of those did. */
async function undo(cleanups: readonly Cleanup[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanup of cleanups.toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function start(
  request: RunRequest,
  terminal: Terminal,
  cleanups: Cleanup[],
  logger: Logger,
): Promise<RunningGateway> {
  const state = request.ephemeral ? temporaryState(cleanups) : request.state;
  const hangup = listenForHangup();
  cleanups.push(() => hangup.release());
  const loader = loaderOf(request, terminal, state);
  const loaded = await firstLoad(loader, terminal);
  refuseSecondGateway(loaded.configuration.server.store);
  const configuration = withWorkers(await withFreePort(loaded.configuration, request, terminal), request);
  // Also when it has nobody to play yet: the config may name somebody after a reload.
  const simulator = request.allowSim ? await startSimulator({ providers: simulatorProviders(loaded.simulated) }) : null;
  if (simulator !== null) cleanups.push(() => simulator.close());
  const reloader = new ConfigReloader({
    loader,
    started: loaded,
    snapshots: new SnapshotFolder(configuration.server.store),
    use: async (next) => {
      await simulator?.play(simulatorProviders(next.simulated));
      await gateway.use(next);
    },
    warn: (message) => terminal.say(`${message}\n`),
  });
  const reload: Reload = (wanted) => reloadAsAsked(reloader, wanted, (text) => terminal.say(text));
  const { workers, port: boundPort, store } = configuration.server;
  const gateway =
    workers === 1
      ? inThisProcess(await createGateway({ configuration, simulator, logger, reload }))
      : await createWorkersGateway({
          count: workers,
          loaded: { ...loaded, configuration },
          loader,
          simulator,
          reload,
          logger,
          say: (text) => terminal.say(text),
          // Workers are had by `serve` only, which has a file.
          terms: {
            cwd: terminal.cwd,
            file: request.file ?? '',
            port: boundPort,
            state: store,
            allowSim: request.allowSim,
          },
        });
  cleanups.push(() => gateway.close());
  reloader.begin();
  for (const warning of gateway.warnings) terminal.say(`  ledger: ${warning}\n`);
  const { host, port, url } = await gateway.listen();
  const run = {
    ...thisProcess(),
    host,
    port,
    url,
    adminToken: gateway.adminToken,
    startedAt: new Date().toISOString(),
  };
  for (const folder of runFolders(request, terminal, configuration, cleanups)) {
    writeRunFile(folder, run);
    cleanups.push(() => removeRunFile(folder, process.pid));
  }
  const facts = {
    version: VERSION,
    configuration,
    url,
    port,
    pid: process.pid,
    readyMs: performance.now(),
    state: shown(terminal.cwd, configuration.server.store),
    ephemeral: request.ephemeral,
  };
  if (request.json || !terminal.interactive) terminal.out(readyLine(facts));
  else cleanups.push(greet(request, facts, run, terminal));
  hangup.handle(() => void reloadAndSay(reloader, (text) => terminal.say(text)));
  if (request.mode === 'dev') cleanups.push(watchConfig(request, reloader, terminal));
  return gateway;
}

/** In `dev` saving the file is enough; in `serve` somebody has to mean it. @returns what ends the watch */
function watchConfig(request: RunRequest, reloader: ConfigReloader, terminal: Terminal): Cleanup {
  const say = (text: string): void => terminal.say(text);
  if (request.file === null) return announceConfigFile(terminal.cwd, say);
  return reloadOnChange(reloader, resolve(terminal.cwd, request.file), say);
}

/** The banner and, in `dev`, the keys it speaks of. @returns what takes the keys back */
function greet(request: RunRequest, facts: ReadyFacts, run: RunFile, terminal: Terminal): Cleanup {
  const keyboard = request.mode === 'dev' ? devKeyboard(terminal) : null;
  const foundKeys = request.file === null ? [...foundKeyNames(terminal.environment).values()] : [];
  terminal.say(banner(facts, { foundKeys, ...(keyboard === null ? {} : { keysLine: KEYS_LINE }) }));
  if (keyboard === null) return () => undefined;
  return listenForDevKeys(keyboard, run, terminal, () => process.kill(process.pid, 'SIGINT'));
}

function temporaryState(cleanups: Cleanup[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The configuration to begin with. @throws CommandError when it has errors */
async function firstLoad(loader: ConfigLoader, terminal: Terminal): Promise<LoadedConfiguration> {
  const result = await loader.load();
  const diagnostics: readonly Diagnostic[] = result.ok ? result.warnings : result.diagnostics;
  if (diagnostics.length > 0) terminal.say(`${renderDiagnostics(diagnostics)}\n`);
  if (!result.ok) throw new CommandError(1, `${countDiagnostics(diagnostics)}. Nothing was started.`);
  // Before anything is begun: threads and processes take the environment with them.
  loader.settle(result);
  return result;
}

function loaderOf(request: RunRequest, terminal: Terminal, state: string | undefined): ConfigLoader {
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

function refuseSecondGateway(store: string): void {
  const other = readRunFile(store);
  if (other === null || !isAlive(other)) return;
  throw new CommandError(
    1,
    `a gateway (pid ${other.pid}) already runs with this state folder, at ${other.url}; a second one needs its own: --state DIR or --ephemeral`,
  );
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

function shown(cwd: string, path: string): string {
  const inside = relative(cwd, path);
  return inside.startsWith('..') ? path : `./${inside}`;
}
