import { join } from 'node:path';

import { pino, type Logger } from 'pino';

import { priceOf } from './catalog/price-book.ts';
import { Confidences } from './confidence/confidences.ts';
import { ConfigurationHolder } from './config/configuration-holder.ts';
import type { Registries } from './config/registries.ts';
import { systemClock, type Clock } from './core/clock.ts';
import type { HookTerms } from './core/hooks.ts';
import type { JsonObject, JsonValue } from './core/json.ts';
import type { AskProcesses, ProcessQuestion } from './core/process-question.ts';
import type { Reload } from './core/reload.ts';
import type { Configuration } from './core/route.ts';
import type { Secret } from './core/secret.ts';
import type { SimulatorControl } from './core/simulation.ts';
import { RecordDeliveries } from './hooks/record-deliveries.ts';
import { openLedger, type Ledger } from './ledger/ledger.ts';
import { Scopes } from './pipeline/scopes.ts';
import { ServedPrices } from './pipeline/served-prices.ts';
import { AnswerLengths } from './pipeline/answer-lengths.ts';
import { AnswerSpill } from './pipeline/answer-spill.ts';
import type { Steps } from './pipeline/exchange.ts';
import { EvidenceLog } from './pipeline/evidence-log.ts';
import { FairTurns } from './pipeline/fair-turns.ts';
import { HeldBytes } from './pipeline/held-bytes.ts';
import { InFlight } from './pipeline/in-flight.ts';
import { PROVIDERS } from './providers/registry.ts';
import { type CircuitChange, Circuits } from './routing/circuits.ts';
import { RetryBudget } from './routing/retry-budget.ts';
import { createAccessLog, type AccessLog } from './server/access-log.ts';
import { adminTokenOf } from './server/admin-token.ts';
import type { ListeningAddress } from './server/listener.ts';
import { HttpService } from './server/service.ts';
import { Certificates } from './substitution/certificates.ts';
import { type DecisionChange, DecisionLog } from './telemetry/decision-log.ts';
import { Metrics } from './telemetry/metrics/metrics.ts';
import { openTelemetryFile, type TelemetryFile } from './telemetry/telemetry-file.ts';
import { openGenerationExporter } from './telemetry/otel/exporter.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { TokenCounter } from './tokens/token-counter.ts';
import type { LookUpHost } from './transport/name-resolver.ts';
import { Transport } from './transport/send.ts';
import { JsonReader } from './validation/recovery/read-json.ts';
import { createValidators } from './validation/registry.ts';
import { SchemaChecker } from './validation/schema-checker.ts';
import { SuppliedContexts } from './validation/supplied-context.ts';

/** The simulator a gateway runs beside: where its servers are, and how they are told what to do. */
export interface GatewaySimulator {
  /** Base URL by provider name, at the time of asking. */
  readonly urls: Readonly<Record<string, string>>;
  readonly control: SimulatorControl;
}

export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly simulator: GatewaySimulator | null;
  /** What `POST /admin/reload` does; refused when left out. */
  readonly reload?: Reload;
  /** Silent when left out. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Every chance in a decision, in [0, 1); real chance when left out. */
  readonly draw?: () => number;
  /** How the names of upstreams are resolved; by the system when left out. */
  readonly lookUp?: LookUpHost;
  /** Set in one of several processes that serve one port: what there is once is with the keeper of the folder. */
  readonly worker?: { readonly adminToken: Secret; readonly slot: number; readonly ask: AskProcesses };
}

/** A gateway, put together and not yet listening. */
export interface Gateway {
  /**
   * Puts another configuration in force for requests that come from now on. What only a new process
   * can change of `server` stays as it is.
   * @throws TypeError when a provider of it is simulated and the simulator does not play it; nothing has changed then
   */
  reload(configuration: Configuration): void;
  /** @throws Error when the address is taken or not ours */
  listen(): Promise<ListeningAddress>;
  /**
   * Says that it is not ready, takes requests for `server.drain.grace` yet, lets those under way end
   * by themselves within `server.drain.cap`, and closes. `close` cuts it short.
   */
  drain(): Promise<void>;
  /** Stops listening, ends what is open, writes what waits and gives the folder back. */
  close(): Promise<void>;
  /** What this process says to a question that is asked of all that serve the port. */
  answer(question: ProcessQuestion, argument: JsonObject): JsonValue;
  readonly adminToken: Secret;
  /** The name its ledger writes under. */
  readonly writer: string;
  /** What the operator should know about the state of the ledger. */
  readonly warnings: readonly string[];
}

/** What a configuration may name, for reading one. */
export function createRegistries(): Registries {
  return { providers: PROVIDERS, validators: createValidators(new SchemaChecker()), price: priceOf };
}

/** How long the end waits for records that are on their way to the operator's hook. */
const DELIVERY_MS = 2_000;

/** Puts a gateway together. The only place where its parts are made. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { configuration } = options;
  const holder = new ConfigurationHolder(configuration, () => options.simulator?.urls ?? {});
  const clock = options.clock ?? systemClock;
  const log = createAccessLog(options.logger ?? pino({ level: 'silent' }));
  const ledger = await openOwnLedger(options, clock, log);
  const address: { url: string | null } = { url: null };
  const traceBase = (): string => `${holder.current.server.publicUrl ?? address.url ?? ''}/r/`;
  const steps = await createSteps(options, clock, ledger, log, traceBase);
  const measured = await openMeasured(options, steps, log);
  const evidence = await openEvidence(options, steps, log);
  const adminToken = options.worker?.adminToken ?? adminTokenOf(configuration);
  const service = new HttpService({
    steps,
    configuration: () => holder.current,
    adminToken,
    reload: options.reload ?? null,
    outcomes: evidence,
    ask: options.worker?.ask ?? null,
    log,
    pressures: [{ reason: 'memory', exceeded: () => steps.held.isFull }],
  });
  const end = async (): Promise<void> => {
    // Each request under way tells its client that we are going, and is on record before the ledger closes.
    await service.end();
    await steps.deliveries.end(DELIVERY_MS);
    await steps.transport.close();
    steps.tokens.close();
    evidence.close();
    await measured.close();
    await ledger.close();
  };
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= end());
  return {
    reload: (next) => holder.replace(next),
    answer: (question, argument) => service.answer(question, argument),
    adminToken,
    writer: ledger.writer,
    get warnings() {
      return ledger.warnings;
    },
    async listen() {
      const { server } = configuration;
      const bound = await service.listen(options.worker === undefined ? server : { ...server, health: null });
      address.url = bound.url;
      return bound;
    },
    async drain() {
      await service.drain(holder.current.server.drain);
      await close();
    },
    close,
  };
}

function openOwnLedger({ configuration, worker }: GatewayOptions, clock: Clock, log: AccessLog): Promise<Ledger> {
  return openLedger({
    directory: configuration.server.store,
    keepMs: configuration.server.keepMs,
    wallTime: () => clock.wallTime(),
    clock,
    onWarning: (message) => log.failure('ledger', message),
    shared: worker !== undefined,
  });
}

/** What was measured before, and the file that keeps it. */
function openMeasured({ configuration, worker }: GatewayOptions, steps: Steps, log: AccessLog): Promise<TelemetryFile> {
  return openTelemetryFile({
    directory: join(configuration.server.store, 'telemetry'),
    name: worker === undefined ? 'gateway' : `worker-${worker.slot}`,
    telemetry: steps.telemetry,
    clock: steps.clock,
    onWarning: (message) => log.failure('telemetry', message),
  });
}

/** What outcomes, comparisons and certificates have shown so far. */
async function openEvidence({ worker }: GatewayOptions, steps: Steps, log: AccessLog): Promise<EvidenceLog> {
  const onProblem = (cause: unknown): void => log.failure('ledger', cause);
  const evidence = new EvidenceLog({ ...steps, onProblem });
  await evidence.restore();
  if (worker !== undefined) evidence.follow();
  // Of several processes one alone concludes what was left open.
  if (worker === undefined || worker.slot === 0) await steps.certificates.settle();
  return evidence;
}

async function createSteps(
  options: GatewayOptions,
  clock: Clock,
  ledger: Ledger,
  log: AccessLog,
  traceBase: () => string,
): Promise<Steps> {
  const schemas = new SchemaChecker();
  const transport = new Transport(clock, options.lookUp);
  const metrics = new Metrics();
  const decisions = new DecisionLog(clock, (entry) => {
    metrics.decisionChanged(entry);
    log.decision(entry);
  });
  return {
    clock,
    ledger,
    transport,
    providers: PROVIDERS,
    validation: {
      schemas,
      validators: createValidators(schemas),
      json: new JsonReader(),
      contexts: new SuppliedContexts(),
    },
    simulator: options.simulator?.control ?? null,
    inFlight: new InFlight(),
    turns: new FairTurns(clock),
    spill: new AnswerSpill(ledger),
    held: new HeldBytes(),
    tokens: new TokenCounter(clock),
    answerLengths: new AnswerLengths(),
    prices: new ServedPrices(),
    telemetry: new Telemetry(clock),
    circuits: new Circuits(clock, (change) => decisions.add(circuitEntry(change))),
    retryBudget: new RetryBudget(clock),
    asideRetryBudget: new RetryBudget(clock),
    deliveries: new RecordDeliveries(deliveryTerms(transport, clock, log)),
    scopes: new Scopes(),
    certificates: new Certificates({ clock, note: (event) => ledger.note(event), signer: ledger.signer }),
    confidences: new Confidences(clock),
    decisions,
    metrics,
    spans: await openGenerationExporter((cause) => log.failure('telemetry', cause)),
    draw: options.draw ?? Math.random,
    reportFault: (id, cause) => log.failure(id, cause),
    get traceBase() {
      return traceBase();
    },
  };
}

function circuitEntry({ deployment, key, to, reason, retry_in_ms: waitMs }: CircuitChange): DecisionChange {
  const wait = waitMs === null ? {} : { retry_in_ms: waitMs };
  return { kind: 'circuit', deployment, route: null, what: to, reason, key, ...wait };
}

function deliveryTerms(transport: Transport, clock: Clock, log: AccessLog): Omit<HookTerms, 'note'> {
  return {
    watch: (delayMs, onExpire) => transport.watch(delayMs, onExpire),
    now: () => clock.now(),
    warn: (sentence, cause) => log.failure('onRecord', new Error(sentence, { cause })),
  };
}
