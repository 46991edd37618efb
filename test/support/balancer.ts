import { once } from 'node:events';
import { Agent, createServer, request as sendOn, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const POLL_INTERVAL_MS = 200;
/** So many answers in a row may come too late before a backend is taken for gone: a slow one is not one that goes. */
const LATE_ANSWERS = 5;

/** A small load balancer, as plain as they come: it asks for readiness and spreads what comes; it repeats nothing. */
export interface Balancer {
  readonly url: string;
  /** The backends that it sends requests to at present. */
  readonly ready: ReadonlySet<string>;
  /** How often it had nobody to send a request to. */
  readonly helpless: number;
  close(): Promise<void>;
}

/** Starts one before these base URLs, which need not answer yet. */
export async function startBalancer(backends: readonly string[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const ready = new Set<string>();
  let turn = 0;
  let helpless = 0;
  const late = new Map<string, number>();
  const ask = async (backend: string): Promise<void> => {
    const state = await fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(POLL_INTERVAL_MS * 5) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok ? 'ready' : 'unready';
      },
      (error: unknown) => (error instanceof Error && error.name === 'TimeoutError' ? 'late' : 'unready'),
    );
    late.set(backend, state === 'late' ? (late.get(backend) ?? 0) + 1 : 0);
    if (state === 'ready') ready.add(backend);
    else if (state === 'unready' || (late.get(backend) ?? 0) >= LATE_ANSWERS) ready.delete(backend);
  };
  const polls = backends.map((backend) => setInterval(() => void ask(backend), POLL_INTERVAL_MS));
  await Promise.all(backends.map(ask));
  const server = createServer((request, response) => {
    const choice = [...ready];
    const backend = choice[turn++ % choice.length];
    if (backend !== undefined) {
      pass(request, response, backend, agent);
      return;
    }
    helpless++;
    refuse(response, 'nobody is ready');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready,
    get helpless() {
      return helpless;
    },
    async close() {
      for (const poll of polls) clearInterval(poll);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function pass(request: IncomingMessage, response: ServerResponse, backend: string, agent: Agent): void {
  const { connection: _, ...headers } = request.headers;
  const onward = sendOn(backend + (request.url ?? '/'), { method: request.method, headers, agent }, (answer) => {
    // Whether the connection to us stays has nothing to do with whether the other one does.
    const { connection: _own, 'keep-alive': _ownToo, ...answerHeaders } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, answerHeaders);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  onward.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, error.message);
  });
  response.on('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
  request.pipe(onward);
}

function refuse(response: ServerResponse, why: string): void {
  response.writeHead(502, { 'content-type': 'text/plain' });
  response.end(`balancer: ${why}`);
}
