import type { ServerResponse } from 'node:http';

import type { ClientConnection } from '../pipeline/exchange.ts';

/** The client's end of a response of Node's HTTP server. */
export class HttpClientConnection implements ClientConnection {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.closed;
  }

  onClosed(callback: () => void): void {
    if (this.closed) {
      callback();
      return;
    }
    this.#response.once('close', () => {
      if (!this.#response.writableEnded) callback();
    });
  }

  start(status: number, headers: readonly string[]): void {
    if (!this.closed) this.#response.writeHead(status, headers as string[]);
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (this.closed || this.#response.write(bytes)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.once('drain', done);
      this.#response.once('close', done);
    });
  }

  end(bytes: Buffer): void {
    if (!this.closed) this.#response.end(bytes);
  }
}
