import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The requests that are being answered: how many there are, and, when the gateway is leaving, how each lets its connection go. */
export class OpenRequests {
  readonly #responses = new Set<ServerResponse>();
  /** Those that are not being answered yet, and what is done when they are. */
  readonly #held = new Map<ServerResponse, () => void>();
  #leaving = false;

  get count(): number {
    return this.#responses.size;
  }

  /** Whether the gateway is on its way out: every answer then ends its connection. */
  get leaving(): boolean {
    return this.#leaving;
  }

  begin(response: ServerResponse): void {
    this.#responses.add(response);
  }

  end(response: ServerResponse): void {
    this.#responses.delete(response);
  }

  /** Puts a request off. It is not counted until it is released; every one is at the latest when the gateway refuses new ones. */
  hold(response: ServerResponse, onRelease: () => void): void {
    this.#held.set(response, onRelease);
  }

  release(response: ServerResponse): void {
    const onRelease = this.#held.get(response);
    this.#held.delete(response);
    onRelease?.();
  }

  releaseAll(): void {
    for (const response of this.#held.keys()) this.release(response);
  }

  /** Its client has gone. */
  forget(response: ServerResponse): void {
    this.#held.delete(response);
  }

  /** From now on answers say `connection: close`, also those under way whose head has not gone. */
  leave(): void {
    this.#leaving = true;
    for (const response of this.#responses) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** The connections on which an answer is awaited. */
  busySockets(): ReadonlySet<Socket> {
    const sockets = new Set<Socket>();
    for (const { socket } of [...this.#responses, ...this.#held.keys()]) if (socket !== null) sockets.add(socket);
    return sockets;
  }
}
