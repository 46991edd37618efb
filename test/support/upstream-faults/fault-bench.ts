import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConfiguration } from '../../../src/config/load.ts';
import type { Configuration } from '../../../src/core/route.ts';
import type { AttemptRecord, GenerationRecord } from '../../../src/core/record.ts';
import { createRegistries } from '../../../src/gateway.ts';
import type { LookUpHost } from '../../../src/transport/name-resolver.ts';
import type { ProtocolName } from '../fault-cases.ts';
import { startRawUpstream, type RawUpstream } from '../raw-upstream.ts';
import { CANARY } from './canary.ts';
import { faultMatrix, HEAVY_ROWS, type Cell } from './cells.ts';
import type { Wire } from './fault-row.ts';
import { healthy } from './healthy.ts';
import {
  fillPort,
  listenForConnections,
  listenForRequests,
  listenWithoutTrust,
  reserveDeadPort,
  type Listener,
} from './listener.ts';
import { MODEL_IDS } from './vendor-wire.ts';

/** Who stands in for whom: another vendor, in other words. */
export const STANDBYS: Readonly<Record<ProtocolName, ProtocolName>> = {
  openai: 'anthropic',
  anthropic: 'openai',
  google: 'deepseek',
  deepseek: 'google',
};
export const STANDBY_WORDS = ['yksi', 'kaksi', 'kolme'] as const;

const HEALTHY_REQUESTS_A_RETRY = 6;

/** What a record says, as `GET /v1/generations/{id}` gives it. */
export type ReadRecord = GenerationRecord & { readonly attempts: readonly AttemptRecord[] };

/** A gateway that the bench has asked for: by this configuration, with names resolved so. */
export type StartGateway = (
  configuration: Configuration,
  lookUp: LookUpHost,
) => Promise<{ readonly url: string; close(): Promise<void> }>;

/** One gateway, and an upstream for every cell. */
export interface FaultBench {
  readonly url: string;
  /** What stands behind a cell; `null` where nothing can. */
  listenerOf(cell: Cell): Listener | null;
  upstreamOf(cell: Cell): RawUpstream;
  readonly standbys: Readonly<Record<ProtocolName, RawUpstream>>;
  ask(body: Readonly<Record<string, unknown>>): Promise<Response>;
  record(id: string): Promise<ReadRecord>;
  /** Ids of every request it has answered. */
  readonly ids: readonly string[];
  /** Retries are a fifth of all requests: sends as many healthy ones as one of them takes. */
  earnRetry(): Promise<void>;
  /** The name service gives up on the name of a cell that it has not answered for. */
  releaseName(cell: Cell): void;
  /** Connections of the gateway to anybody. */
  openSockets(): number;
  /** Folder of the ledger. */
  readonly store: string;
  /** How often the place was called where redirects lead. */
  trapped(): number;
  /** Ends the gateway; what stands behind it goes on. */
  closeGateway(): Promise<void>;
  close(): Promise<void>;
}

interface Closing {
  close(): Promise<void>;
}

/** Opens one over the cells that `choose` takes of all. */
export async function openFaultBench(
  choose: (all: readonly Cell[]) => readonly Cell[],
  startGateway: StartGateway,
): Promise<FaultBench & { readonly cells: readonly Cell[] }> {
  const trap = await startRawUpstream();
  const cells = choose(faultMatrix({ trapUrl: trap.url }).cells);
  const dead = await reserveDeadPort();
  const full = await fillPort();
  const listeners = new Map<number, Listener>();
  const upstreams = new Map<number, RawUpstream>();
  for (const { id, variant } of cells) {
    const listener = await listenFor(variant.wire);
    if (listener === null) continue;
    listeners.set(id, listener);
    if ('upstream' in listener) upstreams.set(id, listener.upstream as RawUpstream);
  }
  const standbys = Object.fromEntries(
    await Promise.all(
      (Object.keys(STANDBYS) as ProtocolName[]).map(
        async (name) => [name, await startRawUpstream(healthy(name, STANDBY_WORDS))] as const,
      ),
    ),
  ) as Record<ProtocolName, RawUpstream>;
  const ports = { dead: dead.port, full: full.port };
  const directory = mkdtempSync(join(tmpdir(), 'candor-upstream-faults-'));
  const configuration = load(directory, configText(cells, listeners, ports, standbys));
  const names = new Names();
  const gateway = await startGateway(configuration, names.lookUp);
  const ids: string[] = [];
  const ask = async (body: Readonly<Record<string, unknown>>): Promise<Response> => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    ids.push(response.headers.get('x-request-id') ?? '');
    return response;
  };
  let gatewayClosed: Promise<void> | null = null;
  const closeGateway = (): Promise<void> => (gatewayClosed ??= gateway.close());
  const others: readonly Closing[] = [trap, dead, full, ...listeners.values(), ...Object.values(standbys)];
  return {
    cells,
    url: gateway.url,
    listenerOf: ({ id }) => listeners.get(id) ?? null,
    upstreamOf({ id, name }) {
      const upstream = upstreams.get(id);
      if (upstream === undefined) throw new Error(`${name} has no server`);
      return upstream;
    },
    standbys,
    ask,
    async record(id) {
      const response = await fetch(`${gateway.url}/v1/generations/${id}`);
      if (response.status !== 200) throw new Error(`no record ${id}: ${response.status}`);
      return (await response.json()) as ReadRecord;
    },
    ids,
    async earnRetry() {
      const body = { model: 'standby-openai', messages: [{ role: 'user', content: 'Hello' }] };
      const asked = Array.from({ length: HEALTHY_REQUESTS_A_RETRY }, async () => (await ask(body)).text());
      await Promise.all(asked);
    },
    releaseName: ({ id }) => names.release(stalledName(id)),
    openSockets: () =>
      [...listeners.values(), ...Object.values(standbys)].reduce((sum, each) => sum + each.openSockets(), 0),
    store: configuration.server.store,
    trapped: () => trap.requests.length + trap.openSockets(),
    closeGateway,
    async close() {
      await closeGateway();
      await Promise.all(others.map((each) => each.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function listenFor(wire: Wire): Promise<Listener | null> {
  switch (wire.at) {
    case 'server':
      return listenForRequests();
    case 'silent tls':
    case 'rebound name':
      return listenForConnections();
    case 'no tls':
      return listenForConnections((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    case 'self-signed':
      return listenWithoutTrust();
    default:
      return Promise.resolve(null);
  }
}

/** The base URL of a cell's provider. */
function urlOf({ id, variant }: Cell, port: number, ports: { readonly dead: number; readonly full: number }): string {
  const urls: Readonly<Record<Wire['at'], string>> = {
    server: `http://127.0.0.1:${port}`,
    'silent tls': `https://127.0.0.1:${port}`,
    'no tls': `https://localhost:${port}`,
    'self-signed': `https://localhost:${port}`,
    refused: `http://127.0.0.1:${ports.dead}`,
    full: `http://127.0.0.1:${ports.full}`,
    'unknown name': `https://unknown-${id}.example`,
    'stalled name': `https://${stalledName(id)}`,
    'rebound name': `https://rebound-${id}.example:${port}`,
  };
  return urls[variant.wire.at];
}

function stalledName(id: number): string {
  return `stalled-${id}.example`;
}

/** A name service of which the test knows what it says. */
class Names {
  readonly #stalled = new Map<string, (error: Error) => void>();

  readonly lookUp: LookUpHost = (hostname) => {
    if (hostname.startsWith('unknown-')) return Promise.reject(nameError('ENOTFOUND'));
    if (hostname.startsWith('stalled-')) return new Promise((_resolve, reject) => this.#stalled.set(hostname, reject));
    return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  };

  release(hostname: string): void {
    this.#stalled.get(hostname)?.(nameError('EAI_AGAIN'));
  }
}

function nameError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const TIMERS = '{ connect: 300ms, first_byte: 500ms, idle: 500ms, total: 3s }';
/** Where bytes are the limit, no timer is to come first, however slow the machine. */
const PATIENT_TIMERS = '{ connect: 300ms, first_byte: 10s, idle: 10s, total: 60s }';

/** Every cell has a provider, a model and a route of its own, so that no circuit is another cell's. */
function configText(
  cells: readonly Cell[],
  listeners: ReadonlyMap<number, Listener>,
  ports: { readonly dead: number; readonly full: number },
  standbys: Readonly<Record<ProtocolName, RawUpstream>>,
): string {
  const names = Object.keys(STANDBYS) as ProtocolName[];
  const provider = (name: string, kind: string, url: string, isPrivate: boolean): string =>
    `  ${name}: { kind: ${kind}, url: "${url}", ${isPrivate ? 'allow_private: true, ' : ''}key: "env:CANARY" }`;
  const routes = cells.map(({ id, mode, protocol, row }) => {
    const models = mode === 'alone' ? `m${id}` : `m${id}, standby-${STANDBYS[protocol]}`;
    const fallback = mode === 'forbidden' ? 'off' : 'degraded';
    const timers = HEAVY_ROWS.has(row) ? PATIENT_TIMERS : TIMERS;
    return `  r${id}: { try: [${models}], fallback: ${fallback}, timeout: ${timers} }`;
  });
  return [
    'providers:',
    ...names.map((name) => provider(`standby-${name}`, name, standbys[name].url, true)),
    ...cells.map((cell) => {
      const url = urlOf(cell, listeners.get(cell.id)?.port ?? 0, ports);
      return provider(`p${cell.id}`, cell.protocol, url, cell.variant.wire.at !== 'rebound name');
    }),
    'models:',
    ...names.map((name) => `  standby-${name}: { at: standby-${name}, id: ${MODEL_IDS[name]} }`),
    ...cells.map(({ id, protocol }) => `  m${id}: { at: p${id}, id: ${MODEL_IDS[protocol]} }`),
    'routes:',
    ...routes,
    '',
  ].join('\n');
}

function load(directory: string, text: string): Configuration {
  const file = join(directory, 'candor.yaml');
  writeFileSync(file, text);
  const loaded = loadConfiguration({
    mode: 'dev',
    file,
    environment: { CANARY },
    registries: createRegistries(),
    stateDirectory: join(directory, 'state'),
    port: 0,
    cwd: directory,
    allowSim: false,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return loaded.configuration;
}
