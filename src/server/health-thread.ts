import { Worker } from 'node:worker_threads';

import type { ListenAddress } from '../core/route.ts';
import { serveHealth, type HealthMessage, type HealthOptions } from './health-service.ts';

const BEAT_INTERVAL_MS = 1_000;

/** Answers for the health of the process from a thread of its own. */
export interface HealthThread {
  /** The port it listens on: the one asked for, or the one the system chose for 0. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts it. It answers while this thread is busy, and says so when it has been for a minute; it ends
 * with the process. Where Candor runs from its TypeScript sources on a Node that cannot load them in a
 * worker, the same code answers on this thread.
 * @throws Error when the address is taken or not ours
 */
export async function startHealthThread(address: ListenAddress): Promise<HealthThread> {
  const lastBeat = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  const beat = (): void => void Atomics.store(lastBeat, 0, process.hrtime.bigint());
  beat();
  const timer = setInterval(beat, BEAT_INTERVAL_MS);
  timer.unref();
  const options: HealthOptions = { ...address, lastBeat };
  const { message, stop } = await (runsInWorker() ? startWorker(options) : startHere(options));
  const stopAll = async (): Promise<void> => {
    clearInterval(timer);
    await stop();
  };
  if (message.type === 'listening') return { port: message.port, stop: stopAll };
  await stopAll();
  throw Object.assign(
    new Error(
      `server.health: cannot listen on port ${address.port} of ${address.host} (${message.code}); choose another in \`server.health.listen\``,
    ),
    { code: message.code },
  );
}

interface Started {
  readonly message: HealthMessage;
  readonly stop: () => Promise<void>;
}

function runsInWorker(): boolean {
  return import.meta.url.endsWith('.js') || Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

async function startWorker(options: HealthOptions): Promise<Started> {
  const entry = import.meta.url.endsWith('.ts') ? './health-worker.ts' : './health-worker.js';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: options, execArgv: [] });
  const message = await new Promise<HealthMessage>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ type: 'failed', code: error.message }));
  });
  // The gateway lives as long as its own server does, not as long as somebody answers for its health.
  worker.unref();
  return {
    message,
    stop: async () => {
      await worker.terminate();
    },
  };
}

function startHere(options: HealthOptions): Promise<Started> {
  return new Promise((resolve) => {
    const stop = serveHealth(
      { postMessage: (message: HealthMessage) => resolve({ message, stop: () => Promise.resolve(stop()) }) },
      options,
    );
  });
}
