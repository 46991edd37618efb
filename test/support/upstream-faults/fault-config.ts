import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadConfiguration } from '../../../src/config/load.ts';
import type { Configuration } from '../../../src/core/route.ts';
import { createRegistries } from '../../../src/gateway.ts';
import type { ProtocolName } from '../fault-cases.ts';
import { CANARY } from './canary.ts';
import { HEAVY_ROWS, type Cell } from './cells.ts';
import type { Wire } from './fault-row.ts';
import { STANDBYS, type Surroundings } from './surroundings.ts';
import { MODEL_IDS } from './vendor-wire.ts';

/** The name that the name service never answers for, of a cell that is about that. */
export function stalledName({ id }: Pick<Cell, 'id'>): string {
  return `stalled-${id}.example`;
}

/** The base URL of a cell's provider. */
function urlOf(cell: Cell, { listeners, deadPort, fullPort }: Surroundings): string {
  const { id, variant } = cell;
  const port = listeners.get(id)?.port ?? 0;
  const urls: Readonly<Record<Wire['at'], string>> = {
    server: `http://127.0.0.1:${port}`,
    'silent tls': `https://127.0.0.1:${port}`,
    'no tls': `https://localhost:${port}`,
    'self-signed': `https://localhost:${port}`,
    refused: `http://127.0.0.1:${deadPort}`,
    full: `http://127.0.0.1:${fullPort}`,
    'unknown name': `https://unknown-${id}.example`,
    'stalled name': `https://${stalledName(cell)}`,
    'rebound name': `https://rebound-${id}.example:${port}`,
  };
  return urls[variant.wire.at];
}

const TIMERS = '{ connect: 300ms, first_byte: 500ms, idle: 500ms, total: 3s }';
/** Where bytes are the limit, no timer is to come first, however slow the machine. */
const PATIENT_TIMERS = '{ connect: 300ms, first_byte: 10s, idle: 10s, total: 60s }';

/** Every cell has a provider, a model and a route of its own, so that no circuit is another cell's. */
function configText(cells: readonly Cell[], surroundings: Surroundings): string {
  const { standbys } = surroundings;
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
      const isPrivate = cell.variant.wire.at !== 'rebound name';
      return provider(`p${cell.id}`, cell.protocol, urlOf(cell, surroundings), isPrivate);
    }),
    'models:',
    ...names.map((name) => `  standby-${name}: { at: standby-${name}, id: ${MODEL_IDS[name]} }`),
    ...cells.map(({ id, protocol }) => `  m${id}: { at: p${id}, id: ${MODEL_IDS[protocol]} }`),
    'routes:',
    ...routes,
    '',
  ].join('\n');
}

/** What the gateway runs on; its state lies in that folder. */
export function faultConfiguration(
  directory: string,
  cells: readonly Cell[],
  surroundings: Surroundings,
): Configuration {
  const file = join(directory, 'candor.yaml');
  writeFileSync(file, configText(cells, surroundings));
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
