import { resolve } from 'node:path';

import { pino, type Logger } from 'pino';

import { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import type { Reload } from '../../core/reload.ts';
import type { Configuration } from '../../core/route.ts';
import { VERSION } from '../../core/version.ts';
import { createGateway } from '../../gateway.ts';
import { thisProcess } from '../../ledger/process-identity.ts';
import { startSimulator } from '../../simulator/simulator.ts';
import type { ExitCode } from '../command-error.ts';
import type { RunFile } from '../run-file.ts';
import { oldPricesLine } from '../setup/doctor/price-check.ts';
import { foundKeyNames } from '../setup/vendor-keys.ts';
import type { Terminal } from '../terminal.ts';
import { createWorkersGateway, type WorkersOptions } from '../workers/workers-gateway.ts';
import { banner, readyLine } from './banner.ts';
import { ConfigReloader } from './config-reloader.ts';
import { devKeyboard, KEYS_LINE, listenForDevKeys } from './dev-keys.ts';
import { firstLoad, loaderOf, withAddress } from './first-configuration.ts';
import { listenForHangup } from './hangup-signal.ts';
import { announceConfigFile, reloadAndSay, reloadAsAsked, reloadOnChange } from './reload-triggers.ts';
import type { Cleanup, RunRequest } from './run-request.ts';
import { inThisProcess, type RunningGateway } from './running-gateway.ts';
import { simulatorProviders } from './simulated-providers.ts';
import { announce, refuseSecondGateway, shown, temporaryState } from './state-folders.ts';
import { listenForStop } from './stop-signal.ts';

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
  const configuration = await withAddress(loaded.configuration, request, terminal);
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
  const parts = { loaded: { ...loaded, configuration }, loader, simulator, reload, logger };
  const gateway = await createRunningGateway(parts, request, terminal);
  cleanups.push(() => gateway.close());
  reloader.begin();
  for (const warning of gateway.warnings) terminal.say(`  ledger: ${warning}\n`);
  const pricesLine = oldPricesLine(configuration, Date.now());
  if (pricesLine !== null) terminal.say(`  prices: ${pricesLine}\n`);
  const address = await gateway.listen();
  const startedAt = new Date().toISOString();
  const run = { ...thisProcess(), ...address, adminToken: gateway.adminToken, startedAt };
  announce(run, request, terminal, configuration, cleanups);
  cleanups.push(greet(request, run, configuration, terminal));
  hangup.handle(() => void reloadAndSay(reloader, (text) => terminal.say(text)));
  if (request.mode === 'dev') cleanups.push(watchConfig(request, reloader, terminal));
  return gateway;
}

type GatewayParts = Pick<WorkersOptions, 'loaded' | 'loader' | 'simulator' | 'reload' | 'logger'>;

/** A gateway in this process, or in as many as the configuration says. */
async function createRunningGateway(
  parts: GatewayParts,
  request: RunRequest,
  terminal: Terminal,
): Promise<RunningGateway> {
  const { loaded, simulator, logger, reload } = parts;
  const { configuration } = loaded;
  const { workers, port, store } = configuration.server;
  if (workers === 1) return inThisProcess(await createGateway({ configuration, simulator, logger, reload }));
  return await createWorkersGateway({
    ...parts,
    count: workers,
    say: (text) => terminal.say(text),
    // Workers are had by `serve` only, which has a file.
    terms: { cwd: terminal.cwd, file: request.file ?? '', port, state: store, allowSim: request.allowSim },
  });
}

/** In `dev` saving the file is enough; in `serve` somebody has to mean it. @returns what ends the watch */
function watchConfig(request: RunRequest, reloader: ConfigReloader, terminal: Terminal): Cleanup {
  const say = (text: string): void => terminal.say(text);
  if (request.file === null) return announceConfigFile(terminal.cwd, say);
  return reloadOnChange(reloader, resolve(terminal.cwd, request.file), say);
}

/** Says that the gateway is ready; in `dev`, to a person, also by which keys it is told what to do. @returns what takes the keys back */
function greet(request: RunRequest, run: RunFile, configuration: Configuration, terminal: Terminal): Cleanup {
  const facts = {
    version: VERSION,
    configuration,
    url: run.url,
    port: run.port,
    pid: process.pid,
    readyMs: performance.now(),
    state: shown(terminal.cwd, configuration.server.store),
    ephemeral: request.ephemeral,
  };
  if (request.json || !terminal.interactive) {
    terminal.out(readyLine(facts));
    return () => undefined;
  }
  const keyboard = request.mode === 'dev' ? devKeyboard(terminal) : null;
  const foundKeys = request.file === null ? [...foundKeyNames(terminal.environment).values()] : [];
  terminal.say(banner(facts, { foundKeys, ...(keyboard === null ? {} : { keysLine: KEYS_LINE }) }));
  if (keyboard === null) return () => undefined;
  return listenForDevKeys(keyboard, run, terminal, () => process.kill(process.pid, 'SIGINT'));
}
