import { randomBytes } from 'node:crypto';

import { pino, type Logger } from 'pino';

import { priceOf } from './catalog/prices.ts';
import type { Registries } from './config/registries.ts';
import { systemClock, type Clock } from './core/clock.ts';
import type { Deployment } from './core/deployment.ts';
import type { Configuration, ModelEntry, Route } from './core/route.ts';
import { Secret } from './core/secret.ts';
import type { SimulatorControl } from './core/simulation.ts';
import { openLedger } from './ledger/ledger.ts';
import { failure } from './core/failure.ts';
import type { Steps } from './pipeline/exchange.ts';
import { InFlight } from './pipeline/in-flight.ts';
import { PROVIDERS } from './providers/registry.ts';
import { createAccessLog } from './server/access-log.ts';
import { startListening, stopListening, type ListeningAddress } from './server/listener.ts';
import { createHttpServer } from './server/server.ts';
import { Transport } from './transport/send.ts';
import { createValidators } from './validation/registry.ts';
import { SchemaChecker } from './validation/schema-checker.ts';

/** The simulator a gateway runs beside: where its servers are, and how they are told what to do. */
export interface GatewaySimulator {
  /** Base URL by provider name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly control: SimulatorControl;
}

export interface GatewayOptions {
  readonly configuration: Configuration;
  readonly simulator: GatewaySimulator | null;
  /** Silent when left out. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** A gateway, put together and not yet listening. */
export interface Gateway {
  /** @throws Error when the address is taken or not ours */
  listen(): Promise<ListeningAddress>;
  /** Stops listening, ends what is open, writes what waits and gives the folder back. */
  close(): Promise<void>;
  readonly adminToken: Secret;
  /** What the operator should know about the state of the ledger. */
  readonly warnings: readonly string[];
}

/** What a configuration may name, for reading one. */
export function createRegistries(): Registries {
  return { providers: PROVIDERS, validators: createValidators(new SchemaChecker()), price: priceOf };
}

const TOKEN_BYTES = 32;
/** By then a balancer has learnt that this process is going. */
const RETRY_ELSEWHERE_MS = 1_000;

/** Puts a gateway together. The only place where its parts are made. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const configuration = withSimulator(options.configuration, options.simulator);
  const clock = options.clock ?? systemClock;
  const log = createAccessLog(options.logger ?? pino({ level: 'silent' }));
  const ledger = await openLedger({ directory: configuration.server.store, wallTime: () => clock.wallTime(), clock });
  const transport = new Transport(clock);
  const schemas = new SchemaChecker();
  const address = { url: configuration.server.publicUrl };
  const steps: Steps = {
    clock,
    ledger,
    transport,
    providers: PROVIDERS,
    validation: { schemas, validators: createValidators(schemas) },
    simulator: options.simulator?.control ?? null,
    inFlight: new InFlight(),
    reportFault: (id, cause) => log.failure(id, cause),
    get traceBase() {
      return `${address.url ?? ''}/r/`;
    },
  };
  const adminToken = configuration.server.adminToken ?? new Secret(randomBytes(TOKEN_BYTES).toString('base64url'));
  const server = createHttpServer(
    {
      steps,
      configuration: () => configuration,
      adminToken,
      notReady: () => (steps.inFlight.ending === null ? [] : ['shutting_down']),
    },
    log,
  );
  return {
    adminToken,
    warnings: ledger.warnings,
    async listen() {
      const bound = await startListening(server, configuration.server, (error) => log.failure('server', error));
      address.url ??= bound.url;
      return bound;
    },
    async close() {
      // Each request under way tells its client that we are going, and is on record before the ledger closes.
      const ending = failure('shutting_down', 'the gateway is about to end', { retryAfterMs: RETRY_ELSEWHERE_MS });
      await stopListening(server, () => steps.inFlight.end(ending));
      await transport.close();
      await ledger.close();
    },
  };
}

/** The configuration with the simulator's addresses in place. */
function withSimulator(configuration: Configuration, simulator: GatewaySimulator | null): Configuration {
  const resolved = new Map<string, Deployment>();
  for (const [name, deployment] of configuration.deployments) {
    const url = deployment.simulated ? simulator?.urls[deployment.provider] : deployment.url;
    if (url === undefined) throw new TypeError(`${name} is simulated, but no simulator runs`);
    resolved.set(name, { ...deployment, url: url.replace(/\/+$/, '') });
  }
  const own = (deployment: Deployment): Deployment => resolved.get(deployment.name) ?? deployment;
  const routes = new Map<string, Route>();
  for (const [name, route] of configuration.routes)
    routes.set(name, { ...route, candidates: route.candidates.map(own) });
  const models = new Map<string, ModelEntry>();
  for (const [name, model] of configuration.models)
    models.set(name, { ...model, deployments: model.deployments.map(own) });
  return { ...configuration, deployments: resolved, routes, models };
}
