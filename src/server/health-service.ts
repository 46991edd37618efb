import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MessagePort } from 'node:worker_threads';

import type { ListenAddress } from '../core/route.ts';

/** What the thread that answers for the process's health is started with. */
export interface HealthOptions extends ListenAddress {
  /** Holds when the main thread last gave a sign of life, in nanoseconds of `process.hrtime`, which all threads share. */
  readonly lastBeat: BigInt64Array;
}

/** What it says: once, where it listens or why it cannot. */
export type HealthMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly code: string };

/** A main thread that has been silent for so long will not come back by itself. */
const STALLED_NS = 60_000_000_000n;
const ALIVE = '{"status":"ok"}';
const STALLED = '{"status":"stalled"}';

/** Answers `GET /healthz`, and nothing else, without the main thread. @returns ends it */
export function serveHealth(port: Pick<MessagePort, 'postMessage'>, options: HealthOptions): () => void {
  const server = createServer((request, response) => {
    const isHealth = request.url === '/healthz' && (request.method === 'GET' || request.method === 'HEAD');
    const stalled = process.hrtime.bigint() - Atomics.load(options.lastBeat, 0) > STALLED_NS;
    const body = isHealth ? (stalled ? STALLED : ALIVE) : '';
    response.writeHead(isHealth ? (stalled ? 503 : 200) : 404, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'content-length': body.length,
    });
    response.end(body);
  });
  const say = (message: HealthMessage): void => port.postMessage(message);
  server.once('error', (error: NodeJS.ErrnoException) => {
    say({ type: 'failed', code: error.code ?? error.message });
    // From here on it listens; that one connection could not be taken is no reason to end.
    server.on('error', () => undefined);
  });
  server.listen(options.port, options.host.replace(/^\[|\]$/g, ''), () =>
    say({ type: 'listening', port: (server.address() as AddressInfo).port }),
  );
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
