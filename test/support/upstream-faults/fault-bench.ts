import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AttemptRecord, GenerationRecord } from '../../../src/core/record.ts';
import type { Configuration } from '../../../src/core/route.ts';
import type { LookUpHost } from '../../../src/transport/name-resolver.ts';
import { startRawUpstream } from '../raw-upstream.ts';
import { faultMatrix, type Cell } from './cells.ts';
import { faultConfiguration, stalledName } from './fault-config.ts';
import { startSurroundings, type Surroundings } from './surroundings.ts';

/** Retries are a fifth of all requests: so many healthy ones, and one that fails, let one be made. */
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
  /** Those that were chosen. */
  readonly cells: readonly Cell[];
  readonly surroundings: Surroundings;
  ask(body: Readonly<Record<string, unknown>>): Promise<Response>;
  record(id: string): Promise<ReadRecord>;
  /** Ids of every request it has answered. */
  readonly ids: readonly string[];
  /** Sends as many healthy requests as allow one retry. */
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

/** Opens one over the cells that `choose` takes of all. */
export async function openFaultBench(
  choose: (all: readonly Cell[]) => readonly Cell[],
  startGateway: StartGateway,
): Promise<FaultBench> {
  const trap = await startRawUpstream();
  const cells = choose(faultMatrix({ trapUrl: trap.url }).cells);
  const surroundings = await startSurroundings(cells);
  const directory = mkdtempSync(join(tmpdir(), 'candor-upstream-faults-'));
  const configuration = faultConfiguration(directory, cells, surroundings);
  const names = new Names();
  const gateway = await startGateway(configuration, names.lookUp);
  let gatewayClosed: Promise<void> | null = null;
  const closeGateway = (): Promise<void> => (gatewayClosed ??= gateway.close());
  const listeners = [...surroundings.listeners.values(), ...Object.values(surroundings.standbys)];
  return {
    cells,
    surroundings,
    ...askOf(gateway.url),
    releaseName: (cell) => names.release(stalledName(cell)),
    openSockets: () => listeners.reduce((sum, each) => sum + each.openSockets(), 0),
    store: configuration.server.store,
    trapped: () => trap.requests.length + trap.openSockets(),
    closeGateway,
    async close() {
      await closeGateway();
      await Promise.all([trap.close(), surroundings.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What a client does with the gateway at that address. */
function askOf(url: string): Pick<FaultBench, 'ask' | 'record' | 'ids' | 'earnRetry'> {
  const ids: string[] = [];
  const ask = async (body: Readonly<Record<string, unknown>>): Promise<Response> => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    ids.push(response.headers.get('x-request-id') ?? '');
    return response;
  };
  return {
    ask,
    ids,
    async record(id) {
      const response = await fetch(`${url}/v1/generations/${id}`);
      if (response.status !== 200) throw new Error(`no record ${id}: ${response.status}`);
      return (await response.json()) as ReadRecord;
    },
    async earnRetry() {
      const body = { model: 'standby-openai', messages: [{ role: 'user', content: 'Hello' }] };
      const asked = Array.from({ length: HEALTHY_REQUESTS_A_RETRY }, async () => (await ask(body)).text());
      await Promise.all(asked);
    },
  };
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
