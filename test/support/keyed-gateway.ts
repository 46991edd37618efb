import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';

import { loadConfiguration } from '../../src/config/load.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { AttemptRecord, GenerationRecord } from '../../src/core/record.ts';
import { createGateway, createRegistries } from '../../src/gateway.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { closeCircuits } from './close-circuits.ts';
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts';

/** The key of every provider here: longer than what is quoted of a vendor's words, in letters of both cases. */
export const CANARY = 'sk-Canary-4f9aQ7x2Lw8ZtR1bYvKd0pGhJmNc5sTe6uAiXoWq';

const KINDS = { openai: 'openai', backup: 'openai', anthropic: 'anthropic', google: 'google', deepseek: 'deepseek' };
type ProviderName = keyof typeof KINDS;

/** What a record says, as `GET /v1/generations/{id}` gives it. */
export type ReadRecord = GenerationRecord & { readonly attempts: readonly AttemptRecord[] };

/** A whole gateway with keys of its own, put together as the product does it, before upstreams a test plays. */
export interface KeyedGateway {
  readonly url: string;
  readonly upstreams: Readonly<Record<ProviderName, RawUpstream>>;
  /** Everything it has logged, at the level that tells the most. */
  log(): string;
  /** Sends a chat request. */
  ask(body: JsonObject | string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The record of a generation, once it has one; also after `stop`. */
  record(id: string): Promise<ReadRecord>;
  /** Every file of its state folder, by path. */
  files(): ReadonlyMap<string, Buffer>;
  /** What it answers to an operator's GET. */
  tell(path: string): Promise<string>;
  /** Closes every circuit, so that one test's failures are not held against the next one. */
  closeCircuits(): Promise<void>;
  /** Ends the gateway as Ctrl-C does: at once. */
  stop(): Promise<void>;
  /** Ends it as SIGTERM does: when what is under way has ended, or may no longer wait. */
  drain(): Promise<void>;
  /** Ends what is left and removes the folder. */
  close(): Promise<void>;
}

/** Starts one. `routes` are lines of the config's `routes`, `server` its value of that name. Close it at the end of the test. */
export async function startKeyedGateway(
  options: { readonly routes?: readonly string[]; readonly server?: string; readonly clock?: Clock } = {},
): Promise<KeyedGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-keyed-'));
  const names = Object.keys(KINDS) as ProviderName[];
  const started = await Promise.all(names.map(async (name) => [name, await startRawUpstream()] as const));
  const upstreams = Object.fromEntries(started) as Record<ProviderName, RawUpstream>;
  const configuration = load(directory, configText(upstreams, options));
  let logged = '';
  const logger = pino({ level: 'trace' }, { write: (line) => (logged += line) });
  const gateway = await createGateway({
    configuration,
    simulator: null,
    logger,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  const { url } = await gateway.listen();
  const state = configuration.server.store;
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopped ??= gateway.close());
  const drain = (): Promise<void> => gateway.drain().then(stop);
  return {
    url,
    upstreams,
    log: () => logged,
    ask: (body, headers = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async record(id) {
      const text = stopped === null ? await servedRecord(url, id) : await keptRecord(state, id);
      return JSON.parse(text) as ReadRecord;
    },
    async tell(path) {
      const headers = { authorization: `Bearer ${gateway.adminToken.reveal()}` };
      const response = await fetch(url + path, { headers });
      if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`);
      return response.text();
    },
    closeCircuits: () => closeCircuits(url, gateway.adminToken),
    files: () => filesUnder(state),
    stop,
    drain,
    async close() {
      await stop();
      await Promise.all(started.map(([, upstream]) => upstream.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function configText(
  upstreams: Readonly<Record<ProviderName, RawUpstream>>,
  { routes = [], server }: { readonly routes?: readonly string[]; readonly server?: string },
): string {
  const providers = (Object.keys(KINDS) as ProviderName[]).map(
    (name) =>
      `  ${name}: { kind: ${KINDS[name]}, url: "${upstreams[name].url}", allow_private: true, key: "env:CANARY" }`,
  );
  return [
    'providers:',
    ...providers,
    'models:',
    '  gpt-4o: { at: openai }',
    '  gpt-4o-mini: { at: openai, price: { in: 0.05, out: 0.05, as_of: 2026-11-01 } }',
    '  claude-opus: { at: anthropic, id: claude-opus-4-8 }',
    '  gemini-flash: { at: google, id: gemini-2.5-flash }',
    '  deepseek-chat: { at: deepseek }',
    '  twin: { at: [{ provider: openai, id: gpt-4o }, { provider: backup, id: gpt-4o }] }',
    ...(routes.length === 0 ? [] : ['routes:', ...routes.map((route) => `  ${route}`)]),
    ...(server === undefined ? [] : [`server: ${server}`]),
    '',
  ].join('\n');
}

function load(directory: string, text: string) {
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

async function servedRecord(url: string, id: string): Promise<string> {
  const response = await fetch(`${url}/v1/generations/${id}`);
  if (response.status !== 200) throw new Error(`no record ${id}: ${response.status}`);
  return response.text();
}

/** What the folder says when no gateway has it any more. */
async function keptRecord(directory: string, id: string): Promise<string> {
  const ledger = await openLedger({ directory, wallTime: () => Date.now() });
  try {
    return JSON.stringify(await ledger.find(id));
  } finally {
    await ledger.close();
  }
}

function filesUnder(directory: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(directory.length + 1), readFileSync(path)];
    }),
  );
}
