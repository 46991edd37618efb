import { Connection } from './connection.ts';

/**
 * The connections to one origin: as many as there have been calls at a time, each for one call at a
 * time, the one used last first, so that the others may fall idle and close. undici's own `Pool`
 * asks every connection for room at each call and is told by each when it has some.
 */
export class Connections {
  readonly #origin: string;
  readonly #connectMs: number;
  /** What all connections read into, by turns: it is empty again before the next one reads. */
  readonly #readBuffer: Buffer;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  constructor(origin: string, connectMs: number, readBuffer: Buffer) {
    this.#origin = origin;
    this.#connectMs = connectMs;
    this.#readBuffer = readBuffer;
  }

  /** A connection nobody uses; to be given back when the call has ended in whatever way. */
  take(): Connection {
    return this.#free.pop() ?? this.#open();
  }

  /** Gives back a connection whose call has ended. */
  release(connection: Connection): void {
    connection.resume();
    this.#free.push(connection);
  }

  /** Closes every connection, also those in use. */
  async destroy(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.client.destroy()));
  }

  /** A client reconnects by itself when its socket has closed, so each is kept for good. */
  #open(): Connection {
    const connection = new Connection(this.#origin, this.#connectMs, this.#readBuffer);
    this.#all.push(connection);
    return connection;
  }
}
