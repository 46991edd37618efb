import { Connection } from './connection.ts';
import type { ConnectorParts, ConnectTerms } from './connector.ts';

/**
 * The connections to one origin: as many as there have been calls at a time, each for one call at a
 * time, the one used last first, so that the others may fall idle and close. undici's own `Pool`
 * asks every connection for room at each call and is told by each when it has some.
 */
export class Connections {
  readonly #origin: string;
  readonly #terms: ConnectTerms;
  readonly #parts: ConnectorParts;
  /** What all connections read into, by turns: it is empty again before the next one reads. */
  readonly #readBuffer: Buffer;
  readonly #all: Connection[] = [];
  readonly #free: Connection[] = [];

  constructor(origin: string, terms: ConnectTerms, parts: ConnectorParts, readBuffer: Buffer) {
    this.#origin = origin;
    this.#terms = terms;
    this.#parts = parts;
    this.#readBuffer = readBuffer;
  }

  /**
   * A connection nobody uses; to be given back when the call has ended in whatever way.
   * @param fresh one without a socket, so that the call opens its own
   */
  take(fresh: boolean): Connection {
    const at = fresh ? this.#free.findLastIndex((connection) => !connection.isOpen) : this.#free.length - 1;
    return this.#free.splice(at, at < 0 ? 0 : 1)[0] ?? this.#open();
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
    const connection = new Connection(this.#origin, this.#terms, this.#parts, this.#readBuffer);
    this.#all.push(connection);
    return connection;
  }
}
