import type { ProtocolName } from '../fault-cases.ts';
import { startRawUpstream, type RawUpstream } from '../raw-upstream.ts';
import type { Cell } from './cells.ts';
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

/** Who stands in for whom: another vendor, in other words. */
export const STANDBYS: Readonly<Record<ProtocolName, ProtocolName>> = {
  openai: 'anthropic',
  anthropic: 'openai',
  google: 'deepseek',
  deepseek: 'google',
};
export const STANDBY_WORDS = ['yksi', 'kaksi', 'kolme'] as const;

/** Everything a gateway can call. */
export interface Surroundings {
  /** By the cell's id; cells behind which nothing can stand have none. */
  readonly listeners: ReadonlyMap<number, Listener>;
  /** Those of them that a script plays. */
  readonly upstreams: ReadonlyMap<number, RawUpstream>;
  readonly standbys: Readonly<Record<ProtocolName, RawUpstream>>;
  readonly deadPort: number;
  readonly fullPort: number;
  close(): Promise<void>;
}

/** Starts what these cells need. */
export async function startSurroundings(cells: readonly Cell[]): Promise<Surroundings> {
  const dead = await reserveDeadPort();
  const full = await fillPort();
  const listeners = new Map<number, Listener>();
  const upstreams = new Map<number, RawUpstream>();
  for (const { id, variant } of cells) {
    const listener = await listenFor(variant.wire);
    if (listener === null) continue;
    listeners.set(id, listener);
    if (listener.upstream !== null) upstreams.set(id, listener.upstream);
  }
  const standbys = await startStandbys();
  const all = [dead, full, ...listeners.values(), ...Object.values(standbys)];
  return {
    listeners,
    upstreams,
    standbys,
    deadPort: dead.port,
    fullPort: full.port,
    async close() {
      await Promise.all(all.map((each) => each.close()));
    },
  };
}

/** The upstream of a cell whose wire is a server. */
export function upstreamOf({ upstreams }: Surroundings, { id, name }: Cell): RawUpstream {
  const upstream = upstreams.get(id);
  if (upstream === undefined) throw new Error(`${name} has no server`);
  return upstream;
}

async function startStandbys(): Promise<Readonly<Record<ProtocolName, RawUpstream>>> {
  const names = Object.keys(STANDBYS) as ProtocolName[];
  const started = names.map(async (name) => [name, await startRawUpstream(healthy(name, STANDBY_WORDS))] as const);
  return Object.fromEntries(await Promise.all(started)) as Record<ProtocolName, RawUpstream>;
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
