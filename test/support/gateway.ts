import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import OpenAI from 'openai';

import { loadConfigFile } from '../../src/config/load-file.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createGateway, createRegistries } from '../../src/gateway.ts';
import { instantClock, type SimulatorClock } from '../../src/simulator/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { closeCircuits } from './close-circuits.ts';

/** A real gateway on loopback before the real simulator, and a client that speaks to it. */
export interface TestGateway {
  readonly url: string;
  readonly client: OpenAI;
  readonly simulator: Simulator;
  readonly adminToken: string;
  readonly directory: string;
  /** Sends JSON, gets the response; for what the SDK would hide. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Forgets what was held against upstreams that failed: tests let one fail more often than a circuit bears. */
  closeCircuits(): Promise<void>;
  /** The record of a generation. */
  record(id: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  /** YAML text of the config; the built-in one when left out. */
  readonly config?: string;
  /** Its name; `candor.yaml` when left out. */
  readonly configName?: string;
  /** Further files beside it, by their path from there. */
  readonly files?: Readonly<Record<string, string>>;
  readonly mode?: 'dev' | 'serve';
  /** Its folder, which outlives it; one of its own when left out. */
  readonly directory?: string;
  /** The simulator's clock; an instant one when left out. */
  readonly simulatorClock?: SimulatorClock;
  readonly clock?: Clock;
  /** Variables the config may name; none when left out. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Every chance in a decision. */
  readonly draw?: () => number;
  /** Base URLs that stand in for the simulator's, by provider: for upstreams a test scripts itself. */
  readonly upstreams?: Readonly<Record<string, string>>;
}

/** Starts a gateway with its own folder and port. Close it at the end of the test. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'candor-test-'));
  const file = options.config === undefined ? null : join(directory, options.configName ?? 'candor.yaml');
  if (file !== null) writeFileSync(file, options.config ?? '');
  for (const [path, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const loaded = await loadConfigFile({
    mode: options.mode ?? 'dev',
    file,
    environment: options.environment ?? {},
    registries: createRegistries(),
    stateDirectory: join(directory, 'state'),
    port: 0,
    cwd: directory,
    allowSim: true,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  const providers = Object.fromEntries(loaded.simulated) as Parameters<typeof startSimulator>[0]['providers'];
  const simulator = await startSimulator({ providers, clock: options.simulatorClock ?? instantClock() });
  const gateway = await createGateway({
    configuration: loaded.configuration,
    simulator: { urls: { ...simulator.urls, ...options.upstreams }, control: simulator.control },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.draw === undefined ? {} : { draw: options.draw }),
  });
  const { url } = await gateway.listen();
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url,
    client: new OpenAI({ apiKey: 'any', baseURL: `${url}/v1` }),
    simulator,
    adminToken: gateway.adminToken.reveal(),
    directory,
    post,
    closeCircuits: () => closeCircuits(url, gateway.adminToken),
    async record(id) {
      const response = await fetch(`${url}/v1/generations/${id}`);
      if (response.status !== 200) throw new Error(`no record ${id}: ${response.status}`);
      return (await response.json()) as Record<string, unknown>;
    },
    async close() {
      await gateway.close();
      await simulator.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
