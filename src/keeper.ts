import { pino } from 'pino';

import { systemClock } from './core/clock.ts';
import type { Secret } from './core/secret.ts';
import type { GatewayOptions } from './gateway.ts';
import { openLedger } from './ledger/ledger.ts';
import { createAccessLog } from './server/access-log.ts';
import { adminTokenOf } from './server/admin-token.ts';
import { startHealthThread, type HealthThread } from './server/health-thread.ts';
import { WorkersMetrics } from './telemetry/metrics/workers-metrics.ts';

/** What there is once, however many processes serve the port: the folder, its health, and who may administer. */
export interface Keeper {
  readonly adminToken: Secret;
  /** What the workers' metrics come to. */
  readonly metrics: WorkersMetrics;
  /** What the operator should know about the state of the ledger. */
  readonly warnings: readonly string[];
  /** Answers `/healthz` where `server.health` says. @throws Error when the address is taken or not ours */
  listen(): Promise<void>;
  /** Records what a worker that has died left unfinished; its ledger wrote under this name. */
  recover(writer: string): Promise<void>;
  /** Gives the folder back. All workers have ended by then. */
  close(): Promise<void>;
}

/** Takes the folder for processes that serve one port together. */
export async function createKeeper({
  configuration,
  logger,
}: Pick<GatewayOptions, 'configuration' | 'logger'>): Promise<Keeper> {
  const log = createAccessLog(logger ?? pino({ level: 'silent' }));
  const { store, keepMs, health } = configuration.server;
  const ledger = await openLedger({
    directory: store,
    keepMs,
    wallTime: () => systemClock.wallTime(),
    onWarning: (message) => log.failure('ledger', message),
  });
  let thread: HealthThread | null = null;
  return {
    adminToken: adminTokenOf(configuration),
    metrics: new WorkersMetrics(),
    get warnings() {
      return ledger.warnings;
    },
    async listen() {
      if (health !== null) thread = await startHealthThread(health);
    },
    recover: (writer) => ledger.recover(writer),
    async close() {
      await ledger.close();
      await thread?.stop();
    },
  };
}
