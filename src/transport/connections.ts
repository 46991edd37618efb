import { Client } from 'undici';

/**
 * The connections to one origin: as many as there have been calls at a time, each for one call at a
 * time, the one used last first, so that the others may fall idle and close. undici's own `Pool`
 * asks every connection for room at each call and is told by each when it has some.
 */
export class Connections {
  readonly #origin: string;
  readonly #connectMs: number;
  readonly #all: Client[] = [];
  readonly #free: Client[] = [];

  constructor(origin: string, connectMs: number) {
    this.#origin = origin;
    this.#connectMs = connectMs;
  }

  /** A connection nobody uses; to be given back when the call has ended in whatever way. */
  take(): Client {
    return this.#free.pop() ?? this.#open();
  }

  /** Gives back a connection whose call has ended. */
  release(connection: Client): void {
    this.#free.push(connection);
  }

  /** Closes every connection, also those in use. */
  async destroy(): Promise<void> {
    await Promise.all(this.#all.map((connection) => connection.destroy()));
  }

  /** A client reconnects by itself when its socket has closed, so each is kept for good. */
  #open(): Client {
    const connection = new Client(this.#origin, { connect: { timeout: this.#connectMs }, pipelining: 1 });
    this.#all.push(connection);
    return connection;
  }
}
