import type { Socket } from 'node:net';

import { Client, type buildConnector } from 'undici';

/**
 * One connection to an upstream, which can be told to read no more. undici can pause a response too,
 * but reads on into the socket's own queue, and each time more than it takes out: that grows
 * without end when a reader is slow for long. Here at most one read waits, decrypted where there is TLS.
 */
export class Connection {
  readonly client: Client;
  #isPaused = false;
  /** What was read when nothing more was wanted; `null` in the list is the connection's end. */
  #holding: { readonly socket: Socket; readonly bytes: readonly (Buffer | null)[] } | null = null;

  /** @param readBuffer what is read at once; connections may share it */
  constructor(origin: string, connectMs: number, readBuffer: Buffer) {
    // `this` of the callback is the socket; Node's types do not say so.
    const take = (socket: Socket, bytes: Buffer): boolean => this.#take(socket, bytes);
    const options = {
      timeout: connectMs,
      onread: {
        buffer: readBuffer,
        callback(this: Socket, length: number, buffer: Buffer): boolean {
          return take(this, Buffer.from(buffer.subarray(0, length)));
        },
      },
    };
    this.client = new Client(origin, { connect: options as buildConnector.BuildOptions, pipelining: 1 });
  }

  /** Stops reading: what comes stays with the system, and so with the upstream. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Reads on. */
  resume(): void {
    this.#isPaused = false;
    const holding = this.#holding;
    if (holding === null) return;
    this.#holding = null;
    Reflect.deleteProperty(holding.socket, 'push');
    for (const bytes of holding.bytes) if (!holding.socket.destroyed) holding.socket.push(bytes);
  }

  /** @returns whether to read on */
  #take(socket: Socket, bytes: Buffer): boolean {
    if (this.#isPaused && this.#holding === null) this.#hold(socket);
    return socket.push(bytes);
  }

  /**
   * Keeps back what the socket gets. TLS gives all that it has decrypted, whatever we say, and after
   * it perhaps the connection's end, which must not overtake it.
   */
  #hold(socket: Socket): void {
    const bytes: (Buffer | null)[] = [];
    this.#holding = { socket, bytes };
    socket.push = (piece: Buffer | null): boolean => {
      bytes.push(piece);
      return false;
    };
  }
}
