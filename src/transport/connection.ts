import type { Socket } from 'node:net';

import { Client } from 'undici';

import { createConnector, type ConnectorParts, type ConnectTerms } from './connector.ts';

/**
 * One connection to an upstream, which can be told to read no more. undici can pause a response too,
 * but reads on into the socket's own queue, and each time more than it takes out: that grows
 * without end when a reader is slow for long. Here at most one read waits, decrypted where there is TLS.
 */
export class Connection {
  readonly client: Client;
  #socket: Socket | null = null;
  #isOpen = false;
  /** Whether the open socket has carried a whole answer before. */
  #isUsed = false;
  /** Whether the call under way went out over a used socket. */
  #isReused = false;
  /** Whether any byte has come since the call under way went out. */
  #isHeard = false;
  #isPaused = false;
  /** What was read when nothing more was wanted; `null` in the list is the connection's end. */
  #holding: { readonly socket: Socket; readonly bytes: readonly (Buffer | null)[] } | null = null;

  /** @param readBuffer what is read at once; connections may share it */
  constructor(origin: string, terms: ConnectTerms, parts: ConnectorParts, readBuffer: Buffer) {
    // `this` of the callback is the socket; Node's types do not say so.
    const take = (socket: Socket, bytes: Buffer): boolean => this.#take(socket, bytes);
    const connect = createConnector(terms, parts, {
      buffer: readBuffer,
      callback(this: Socket, length: number, buffer: Uint8Array): boolean {
        return take(this, Buffer.from(buffer.subarray(0, length)));
      },
    });
    const connectAndKeep: typeof connect = (options, callback) =>
      connect(options, (...outcome) => {
        this.#socket = outcome[1];
        callback(...outcome);
      });
    this.client = new Client(origin, { connect: connectAndKeep, pipelining: 1 });
    this.client.on('connect', () => this.#note(true));
    this.client.on('disconnect', () => this.#note(false));
  }

  /** Whether there is a socket, idle or in use; without one, the next call opens it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Whether the call under way went out over a socket that had been idle and has heard no byte since: where it
   * breaks now, the upstream had most likely closed the socket before the request came.
   */
  get isUnheardReuse(): boolean {
    return this.#isReused && !this.#isHeard;
  }

  /** A call goes out: undici is about to write it to the open socket. */
  beginCall(): void {
    this.#isReused = this.#isUsed;
    this.#isHeard = false;
  }

  /** The call under way got its whole answer. */
  endCall(): void {
    this.#isUsed = this.#isOpen;
  }

  /**
   * Closes the socket under the call that is under way. undici's own abort would keep the call in its queue, and
   * open another socket for it only to find that nobody wants it any more.
   */
  breakOff(error: Error): void {
    this.#socket?.destroy(error);
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

  #note(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#isUsed = false;
    if (!isOpen) this.#socket = null;
    this.#isReused = false;
  }

  /** @returns whether to read on */
  #take(socket: Socket, bytes: Buffer): boolean {
    this.#isHeard = true;
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
