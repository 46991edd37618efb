import { mkdtempSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import { pino } from 'pino';

import type { Diagnostic } from '../config/diagnostic.ts';
import { loadConfiguration, type SimulatedProvider } from '../config/load.ts';
import { countDiagnostics, renderDiagnostics } from '../config/render-diagnostics.ts';
import type { Configuration } from '../core/route.ts';
import { VERSION } from '../core/version.ts';
import { createGateway, createRegistries } from '../gateway.ts';
import { isAlive, thisProcess } from '../ledger/process-identity.ts';
import type { SimulatedKind } from '../simulator/question.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { banner, readyLine } from './banner.ts';
import { CommandError, type ExitCode } from './command-error.ts';
import { nextFreePort, portReason, tryPort } from './free-port.ts';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { listenForStop } from './stop-signal.ts';
import type { Terminal } from './terminal.ts';

/** How a gateway is to be run. */
export interface RunRequest {
  readonly mode: 'dev' | 'serve';
  readonly file: string | null;
  readonly port: number | undefined;
  readonly state: string | undefined;
  readonly ephemeral: boolean;
  readonly allowSim: boolean;
  readonly json: boolean;
}

/** What has to be undone at the end, the last first. */
type Cleanup = () => void | Promise<void>;

/** Runs a gateway until it is asked to stop. Leaves no process, socket or `run.json` behind, also when the start fails. */
export async function runGateway(request: RunRequest, terminal: Terminal): Promise<ExitCode> {
  const cleanups: Cleanup[] = [];
  const stop = listenForStop();
  cleanups.push(() => stop.release());
  try {
    await start(request, terminal, cleanups);
    const signal = await stop.received;
    if (terminal.interactive) terminal.say(`\n  ${signal}: stopping\n`);
    return 0;
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

async function start(request: RunRequest, terminal: Terminal, cleanups: Cleanup[]): Promise<void> {
  const state = request.ephemeral ? temporaryState(cleanups) : request.state;
  const { configuration: loaded, simulated } = load(request, terminal, state);
  refuseSecondGateway(loaded.server.store);
  const configuration = await withFreePort(loaded, request, terminal);
  const simulator = simulated.size === 0 ? null : await startSimulator({ providers: simulatorProviders(simulated) });
  if (simulator !== null) cleanups.push(() => simulator.close());
  // A person at a terminal reads the banner; requests are logged where logs are collected.
  const level = request.mode === 'dev' && process.stderr.isTTY ? 'warn' : 'info';
  const logger = pino({ level }, pino.destination({ dest: 2, sync: true }));
  const gateway = await createGateway({ configuration, simulator, logger });
  cleanups.push(() => gateway.close());
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
  else terminal.say(banner(facts));
}

function temporaryState(cleanups: Cleanup[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Loaded {
  readonly configuration: Configuration;
  readonly simulated: ReadonlyMap<string, SimulatedProvider>;
}

function load(request: RunRequest, terminal: Terminal, state: string | undefined): Loaded {
  const result = loadConfiguration({
    mode: request.mode,
    file: request.file,
    environment: terminal.environment,
    registries: createRegistries(),
    allowSim: request.allowSim,
    cwd: terminal.cwd,
    ...(state === undefined ? {} : { stateDirectory: state }),
    ...(request.port === undefined ? {} : { port: request.port }),
  });
  const diagnostics: readonly Diagnostic[] = result.ok ? result.warnings : result.diagnostics;
  if (diagnostics.length > 0) terminal.say(`${renderDiagnostics(diagnostics)}\n`);
  if (!result.ok) throw new CommandError(1, `${countDiagnostics(diagnostics)}. Nothing was started.`);
  // Child processes and crash reports see the environment; they have no business with these.
  for (const name of result.secretVariables) delete terminal.environment[name];
  return result;
}

function simulatorProviders(
  simulated: ReadonlyMap<string, SimulatedProvider>,
): Readonly<Record<string, { readonly kind: SimulatedKind; readonly models: Readonly<Record<string, string>> }>> {
  return Object.fromEntries(
    [...simulated].map(([name, { kind, models }]) => {
      if (!isSimulatedKind(kind))
        throw new CommandError(1, `there is no simulator for providers of kind ${kind} (providers.${name})`);
      return [name, { kind, models }];
    }),
  );
}

function isSimulatedKind(kind: string): kind is SimulatedKind {
  return ['openai', 'anthropic', 'google', 'deepseek'].includes(kind);
}

function refuseSecondGateway(store: string): void {
  const other = readRunFile(store);
  if (other === null || !isAlive(other)) return;
  throw new CommandError(
    1,
    `a gateway (pid ${other.pid}) already runs with this state folder, at ${other.url}; a second one needs its own: --state DIR or --ephemeral`,
  );
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
