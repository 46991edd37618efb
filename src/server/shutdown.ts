import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

import { systemClock, type Clock } from '../core/clock.ts';
import { failure } from '../core/failure.ts';
import type { DrainTimes } from '../core/route.ts';
import type { InFlight } from '../pipeline/in-flight.ts';
import type { OpenRequests } from './open-requests.ts';

/** How long clients have to take their last bytes when the server closes. */
const CLOSE_GRACE_MS = 1_000;
/** A connection that has been idle for as long is let go: its client did not mean to use it again at once. */
const SWEEP_INTERVAL_MS = 500;
/** By then a balancer has learnt that this process is going. */
const RETRY_ELSEWHERE_MS = 1_000;
const ENDING = failure('shutting_down', 'the gateway is about to end', { retryAfterMs: RETRY_ELSEWHERE_MS });

interface ShutdownOptions {
  readonly server: Server;
  readonly requests: OpenRequests;
  readonly inFlight: InFlight;
  readonly clock: Pick<Clock, 'setTimer'>;
}

/** How a server stops: at once, or when what is under way has ended. */
export class Shutdown {
  readonly #options: ShutdownOptions;
  readonly #sockets = new Set<Socket>();
  readonly #hurried: Promise<void>;
  #hurry: () => void = () => undefined;
  #closed: Promise<void> | null = null;
  #ended: Promise<void> | null = null;

  constructor(options: ShutdownOptions) {
    this.#options = options;
    this.#hurried = new Promise((resolve) => {
      this.#hurry = resolve;
    });
    options.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /**
   * Says at once that the gateway is not ready, still takes requests for the grace, then none: what
   * is under way may end by itself until the cap, and is then ended. `end` cuts all of it short.
   */
  async drain(times: DrainTimes): Promise<void> {
    const { requests, inFlight } = this.#options;
    requests.leave();
    await this.#pause(times.graceMs);
    inFlight.refuseNew(ENDING);
    requests.releaseAll();
    const closed = this.#stopAccepting();
    this.#sweep(new Map());
    await Promise.race([closed, this.#pause(times.capMs)]);
    await this.end();
  }

  /**
   * Takes no more connections, gives each request under way its last word, sees it delivered and
   * closes what is left; clients that do not take their last bytes in time lose them.
   */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const { server, requests, inFlight } = this.#options;
    this.#hurry();
    requests.leave();
    const closed = this.#stopAccepting();
    const overdue = systemClock.setTimer(CLOSE_GRACE_MS, () => server.closeAllConnections());
    const ended = inFlight.end(ENDING);
    requests.releaseAll();
    await ended;
    server.close();
    await closed;
    overdue.cancel();
  }

  /** Resolves when the last connection has closed as well. */
  #stopAccepting(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      // That of HTTP would also cut off whoever has yet to take the last bytes of an answer that is complete.
      NetServer.prototype.close.call(this.#options.server, () => resolve());
    });
    return this.#closed;
  }

  #pause(delayMs: number): Promise<void> {
    const passed = new Promise<void>((resolve) => {
      this.#options.clock.setTimer(delayMs, resolve);
    });
    return Promise.race([passed, this.#hurried]);
  }

  /**
   * Lets go of connections on which nothing has come and nothing has been awaited since the last
   * sweep. One whose answer has just ended is left alone: the client may be sending its next request
   * on it this very moment, and would hear a reset instead of where else to go.
   * @param seen Bytes that had come over each connection that was idle then
   */
  #sweep(seen: ReadonlyMap<Socket, number>): void {
    const busy = this.#options.requests.busySockets();
    const idle = new Map<Socket, number>();
    for (const socket of this.#sockets) {
      if (busy.has(socket)) continue;
      if (seen.get(socket) === socket.bytesRead) socket.destroySoon();
      else idle.set(socket, socket.bytesRead);
    }
    this.#options.clock.setTimer(SWEEP_INTERVAL_MS, () => {
      if (this.#ended === null) this.#sweep(idle);
    });
  }
}
