import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pino } from 'pino';

import { loadConfiguration } from '../../src/config/load.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import type { Configuration } from '../../src/core/route.ts';
import { Secret } from '../../src/core/secret.ts';
import { createRegistries } from '../../src/gateway.ts';
import { ServedPrices } from '../../src/pipeline/served-prices.ts';
import { Shadows } from '../../src/pipeline/shadows.ts';
import { AnswerLengths } from '../../src/pipeline/answer-lengths.ts';
import { AnswerSpill } from '../../src/pipeline/answer-spill.ts';
import { FairTurns } from '../../src/pipeline/fair-turns.ts';
import { HeldBytes } from '../../src/pipeline/held-bytes.ts';
import { InFlight } from '../../src/pipeline/in-flight.ts';
import type { FileSystem } from '../../src/ledger/journal/append-file.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import type { Steps } from '../../src/pipeline/exchange.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { Circuits } from '../../src/routing/circuits.ts';
import { Confidences } from '../../src/confidence/confidences.ts';
import { RecordDeliveries } from '../../src/hooks/record-deliveries.ts';
import { Scopes } from '../../src/pipeline/scopes.ts';
import { Certificates } from '../../src/substitution/certificates.ts';
import { RetryBudget } from '../../src/routing/retry-budget.ts';
import { DecisionLog } from '../../src/telemetry/decision-log.ts';
import { Metrics } from '../../src/telemetry/metrics/metrics.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { createAccessLog } from '../../src/server/access-log.ts';
import { ComparisonSlot } from '../../src/server/comparison-slot.ts';
import type { OutcomeListener } from '../../src/server/endpoint.ts';
import { OpenRequests } from '../../src/server/open-requests.ts';
import { Overload, type Pressure } from '../../src/server/overload.ts';
import { createHttpServer } from '../../src/server/server.ts';
import { TokenCounter } from '../../src/tokens/token-counter.ts';
import { Transport } from '../../src/transport/send.ts';
import { JsonReader } from '../../src/validation/recovery/read-json.ts';
import { createValidators } from '../../src/validation/registry.ts';
import { SchemaChecker } from '../../src/validation/schema-checker.ts';
import { SuppliedContexts } from '../../src/validation/supplied-context.ts';
import { PROTOCOLS, type ProtocolName } from './fault-cases.ts';
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts';

/** A gateway of the real server and pipeline, in which a test has put steps of its own. */
export interface InjectedGateway {
  readonly url: string;
  readonly ledger: Ledger;
  /** What its pipeline works with, for calling `handleChat` past the server. */
  readonly steps: Steps;
  readonly configuration: Configuration;
  readonly upstreams: Readonly<Record<ProtocolName, RawUpstream>>;
  close(): Promise<void>;
}

export interface Injected {
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
  readonly transport?: (clock: Clock) => Transport;
  readonly providers?: ReadonlyMap<string, Provider>;
  readonly pressures?: readonly Pressure[];
  readonly held?: HeldBytes;
  readonly outcomes?: OutcomeListener;
  /** Further lines of the config's `routes`. */
  readonly routes?: readonly string[];
  /** In the place of its own, whose upstreams are then asked by nobody. */
  readonly configuration?: Configuration;
  /** Where the configuration says that it listens; it listens on loopback all the same. */
  readonly host?: string;
}

/** Starts one before upstreams that the test plays. Its routes `<provider>-degraded` fall back to another provider, and `<provider>-held` too, before anything goes out. */
export async function startInjectedGateway(injected: Injected = {}): Promise<InjectedGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-injected-'));
  const names = Object.keys(PROTOCOLS) as ProtocolName[];
  const started = await Promise.all(names.map(async (name) => [name, await startRawUpstream()] as const));
  const upstreams = Object.fromEntries(started) as Record<ProtocolName, RawUpstream>;
  const loaded = injected.configuration ?? loadOwn(directory, upstreams, injected.routes ?? []);
  const configuration = { ...loaded, server: { ...loaded.server, host: injected.host ?? loaded.server.host } };
  const clock = injected.clock ?? systemClock;
  const ledger = await openLedger({
    directory: configuration.server.store,
    wallTime: () => clock.wallTime(),
    clock,
    ...(injected.fileSystem === undefined ? {} : { fileSystem: injected.fileSystem }),
  });
  const schemas = new SchemaChecker();
  const steps: Steps = {
    clock,
    ledger,
    transport: injected.transport?.(clock) ?? new Transport(clock),
    providers: injected.providers ?? PROVIDERS,
    validation: {
      schemas,
      validators: createValidators(schemas),
      json: new JsonReader(),
      contexts: new SuppliedContexts(),
    },
    simulator: null,
    inFlight: new InFlight(),
    turns: new FairTurns(clock),
    spill: new AnswerSpill(ledger),
    held: injected.held ?? new HeldBytes(),
    tokens: new TokenCounter(clock),
    answerLengths: new AnswerLengths(),
    prices: new ServedPrices(),
    telemetry: new Telemetry(clock),
    circuits: new Circuits(clock, () => undefined),
    retryBudget: new RetryBudget(clock),
    asideRetryBudget: new RetryBudget(clock),
    deliveries: new RecordDeliveries({
      watch: () => ({ stop: () => undefined }),
      now: () => clock.now(),
      warn: () => undefined,
    }),
    scopes: new Scopes(),
    certificates: new Certificates({ clock, note: (event) => ledger.note(event), signer: ledger.signer }),
    confidences: new Confidences(clock),
    decisions: new DecisionLog(clock, () => undefined),
    metrics: new Metrics(),
    spans: null,
    draw: Math.random,
    reportFault: () => undefined,
    traceBase: '/r/',
  };
  const server = createHttpServer(
    {
      steps,
      configuration: () => configuration,
      adminToken: new Secret('unused'),
      reload: null,
      requests: new OpenRequests(),
      overload: new Overload(injected.pressures ?? [], () => undefined),
      ask: () => Promise.resolve({ workers: 1, answers: [] }),
      comparisons: new ComparisonSlot(),
      shadows: new Shadows(),
      outcomes: injected.outcomes ?? { add: () => undefined },
    },
    createAccessLog(pino({ level: 'silent' })),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    steps,
    configuration,
    upstreams,
    async close() {
      const closed = once(server, 'close');
      server.close();
      await steps.transport.close();
      steps.tokens.close();
      server.closeAllConnections();
      await closed;
      await ledger.close();
      await Promise.all(started.map(([, upstream]) => upstream.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function loadOwn(
  directory: string,
  upstreams: Readonly<Record<ProtocolName, RawUpstream>>,
  routes: readonly string[],
): Configuration {
  writeFileSync(join(directory, 'key'), 'sk-test-injected', { mode: 0o600 });
  const file = join(directory, 'candor.yaml');
  const names = Object.keys(upstreams) as ProtocolName[];
  writeFileSync(
    file,
    [
      'providers:',
      ...names.map((name) => `  ${name}: { url: "${upstreams[name].url}", allow_private: true, key: "file:key" }`),
      'models:',
      '  gpt-4o: { at: openai }',
      '  gpt-4o-mini: { at: openai }',
      '  claude-opus: { at: anthropic, id: claude-opus-4-8 }',
      '  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }',
      '  gemini-flash: { at: google, id: gemini-2.5-flash }',
      '  deepseek-chat: { at: deepseek }',
      'routes:',
      ...names.map((name) => `  ${name}-degraded: { try: [${PROTOCOLS[name].model}, ${PROTOCOLS[name].fallback}] }`),
      ...names.map(
        (name) => `  ${name}-held: { try: [${PROTOCOLS[name].model}, ${PROTOCOLS[name].fallback}], stream: hold }`,
      ),
      '  marked: { try: [gpt-4o], invalid: [return_flagged] }',
      '  asked-again: { try: [gpt-4o], stream: hold, invalid: [reask, fail] }',
      '  patient: { try: [gpt-4o], timeout: { idle: 3s } }',
      ...routes.map((route) => `  ${route}`),
      '',
    ].join('\n'),
  );
  const loaded = loadConfiguration({
    mode: 'dev',
    file,
    environment: {},
    registries: createRegistries(),
    stateDirectory: join(directory, 'state'),
    port: 0,
    cwd: directory,
    allowSim: false,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return loaded.configuration;
}
