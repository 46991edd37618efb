import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { countDiagnostics } from '../../config/render-diagnostics.ts';
import { loadConfigFile } from '../../config/load-file.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LocalSimulatorControl } from '../../core/simulation.ts';
import { createGateway, createRegistries } from '../../gateway.ts';
import { randomFrom } from '../../simulator/random.ts';
import { startSimulator, type Simulator } from '../../simulator/simulator.ts';
import { CommandError } from '../command-error.ts';
import { simulatorProviders } from '../run/simulated-providers.ts';
import { type ArmName, configFiles } from './arm-config.ts';
import { type Asked, DemoClient, type DemoRequest } from './demo-client.ts';
import type { LoopbackTraffic } from './loopback-traffic.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One of the two gateways, before a simulator of its own, on a clock of its own. */
export interface Arm {
  readonly name: ArmName;
  readonly clock: VirtualClock;
  readonly faults: LocalSimulatorControl;
  /** Sends a request. Time passes while the clock runs only. */
  ask(request: DemoRequest): Promise<Asked>;
  /** The record of each answer, in that order. */
  records(asked: readonly Asked[]): Promise<readonly JsonObject[]>;
  /** Sends the administration a request, and reads the lines of its answer. */
  administer(path: string, body: JsonObject): Promise<readonly JsonObject[]>;
  /** How many requests this provider has received since the mark. */
  receivedBy(provider: string, since: Mark): number;
  mark(): Mark;
  close(): Promise<void>;
}

/** A moment in what the simulator received: the last request by then. */
export type Mark = Simulator['received'][number] | undefined;

/** What both arms have in common. */
export interface ArmTerms {
  readonly seed: number;
  readonly traffic: LoopbackTraffic;
  /** Ends what waits for the clock. */
  readonly signal: AbortSignal;
}

/** Starts one in a temporary folder that is gone when it is closed. */
export async function startArm(name: ArmName, { seed, traffic, signal }: ArmTerms): Promise<Arm> {
  const folder = temporaryFolder();
  const cleanups: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    const clock = new VirtualClock(traffic, signal);
    const { configuration, simulated } = await loadArm(name, folder);
    const simulator = await startSimulator({ providers: simulatorProviders(simulated), seed, clock });
    cleanups.push(() => simulator.close());
    const draws = randomFrom(seed, 'draw');
    const gateway = await createGateway({ configuration, simulator, clock, draw: () => draws.next() });
    cleanups.push(() => gateway.close());
    const { url } = await gateway.listen();
    const client = new DemoClient(url, gateway.adminToken, clock, name === 'plain');
    cleanups.push(() => client.close());
    return {
      name,
      clock,
      faults: simulator.control,
      ask: (request) => client.ask(request),
      records: (asked) => client.records(asked),
      administer: (path, body) => client.administer(path, body),
      mark: () => simulator.received.at(-1),
      receivedBy: (provider, since) => {
        const from = since === undefined ? 0 : simulator.received.lastIndexOf(since) + 1;
        return simulator.received.slice(from).filter((request) => request.provider === provider).length;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'candor-demo-'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `the demo needs a temporary folder; set TMPDIR to one that can be written (${reason})`);
  }
}

async function loadArm(name: ArmName, folder: string) {
  for (const [file, text] of Object.entries(configFiles(name))) writeFileSync(join(folder, file), text);
  const loaded = await loadConfigFile({
    mode: 'dev',
    file: join(folder, 'candor.yaml'),
    environment: {},
    registries: createRegistries(),
    stateDirectory: join(folder, 'state'),
    port: 0,
    cwd: folder,
    allowSim: true,
  });
  if (!loaded.ok) throw new TypeError(`the demo's config: ${countDiagnostics(loaded.diagnostics)}`);
  return loaded;
}
