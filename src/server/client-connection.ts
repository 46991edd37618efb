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
    return this.closed || this.#response.write(bytes) ? undefined : this.#settled('drain');
  }

  end(bytes: Buffer): Promise<void> | undefined {
    if (this.closed) return undefined;
    this.#response.end(bytes);
    return this.#response.writableLength === 0 ? undefined : this.#settled('finish');
  }

  destroy(): void {
    this.#response.destroy();
  }

  /** Resolves at the event, or when the connection is gone. */
  #settled(event: 'drain' | 'finish'): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off(event, done);
        this.#response.off('close', done);
        resolve();
      };
      this.#response.once(event, done);
      this.#response.once('close', done);
    });
  }
}
