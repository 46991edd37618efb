import { failure, type Failure } from '../core/failure.ts';
import type { OpenCall } from '../transport/send.ts';

/** What can end a request from outside while an attempt is under way: the client goes, or its time is up. */
export class Interruption {
  #reason: Failure | null = null;
  #call: OpenCall | null = null;
  #announce: () => void = () => undefined;
  /** Settles when the request is interrupted. */
  readonly interrupted: Promise<void> = new Promise((resolve) => {
    this.#announce = resolve;
  });

  /** Why the request is to end; `null` while it may go on. */
  get reason(): Failure | null {
    return this.#reason;
  }

  /** Ends the call under way, and every later one as soon as it begins. The first reason stays. */
  interrupt(reason: Failure): void {
    this.#reason ??= reason;
    this.#announce();
    this.#call?.abort(this.#reason);
  }

  /** The call that an interruption is to end from now on. */
  attach(call: OpenCall): void {
    this.#call = call;
    if (this.#reason !== null) call.abort(this.#reason);
  }
}

/** The failure of a client that has gone. */
export const CLIENT_CLOSED = failure('client_closed', 'the client closed the connection');
