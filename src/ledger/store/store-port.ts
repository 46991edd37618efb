import { MessageChannel, Worker } from 'node:worker_threads';
import { serveStore } from './store-service.ts';
import type { StoreOptions, StoreReply, StoreRequest } from './store-protocol.ts';

/** The line to the store, whichever thread it runs on. */
export interface StorePort {
  post(request: StoreRequest): void;
  /** Ends the store's side at once. */
  stop(): Promise<void>;
}

export interface StorePortListener {
  readonly onReply: (reply: StoreReply) => void;
  /** The store's side has ended, asked or not. */
  readonly onExit: (error: Error | null) => void;
}

export type ConnectStore = (options: StoreOptions, listener: StorePortListener) => StorePort;

/**
 * Starts the store on a thread of its own. Where Candor runs from its TypeScript sources on a Node
 * that cannot load them in a worker (under vitest on Node 20), the same code answers over a message
 * channel on this thread.
 */
export const connectStore: ConnectStore = (options, listener) => {
  const fromSources = import.meta.url.endsWith('.ts');
  if (fromSources && !loadsTypeScript()) return connectHere(options, listener);
  const entry = fromSources ? './store-worker.ts' : './store-worker.js';
  return connectWorker(new URL(entry, import.meta.url), options, listener);
};

function connectWorker(entry: URL, options: StoreOptions, listener: StorePortListener): StorePort {
  // Node 22 announces on stderr that node:sqlite is experimental: nothing an operator can act on.
  const worker = new Worker(entry, { workerData: options, execArgv: ['--disable-warning=ExperimentalWarning'] });
  let failure: Error | null = null;
  worker.on('message', listener.onReply);
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', () => listener.onExit(failure));
  return {
    post: (request) => worker.postMessage(request),
    stop: async () => {
      await worker.terminate();
    },
  };
}

function connectHere(options: StoreOptions, listener: StorePortListener): StorePort {
  const { port1, port2 } = new MessageChannel();
  let failure: Error | null = null;
  port1.on('message', listener.onReply);
  port1.on('close', () => listener.onExit(failure));
  serveStore(port2, options).catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
    port2.close();
  });
  return {
    post: (request) => port1.postMessage(request),
    stop: () => {
      port1.close();
      return Promise.resolve();
    },
  };
}

function loadsTypeScript(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}
