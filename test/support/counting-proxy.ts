import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A plain HTTP proxy in front of one server that counts what passes. */
export interface CountingProxy {
  readonly url: string;
  /** Method and path of every request so far, in order. */
  readonly passed: readonly string[];
  close(): Promise<void>;
}

/** Starts a proxy on loopback that hands every request on to `target` as it is. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const passed: string[] = [];
  const server = createServer((request, response) => {
    passed.push(`${request.method} ${request.url}`);
    const onward = send(
      target + (request.url ?? ''),
      { method: request.method ?? 'GET', headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
