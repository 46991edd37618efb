import { failure, type Failure } from '../core/failure.ts';
import type { OpenCall } from '../transport/send.ts';

/** What can end a request from outside while an attempt is under way: the client goes, or its time is up. */
export class Interruption {
  #reason: Failure | null = null;
  #call: OpenCall | null = null;
  /** Those who wait for something else, and are to hear of it. */
  readonly #waiting = new Set<() => void>();

  /** Why the request is to end; `null` while it may go on. */
  get reason(): Failure | null {
    return this.#reason;
  }

  /** Ends the call under way, and every later one as soon as it begins. The first reason stays. */
  interrupt(reason: Failure): void {
    this.#reason ??= reason;
    for (const resume of this.#waiting) resume();
    this.#call?.abort(this.#reason);
  }

  /** Resolves with the promise, which never fails, or when the request is interrupted. */
  orInterrupted(promise: Promise<void>): Promise<void> {
    if (this.#reason !== null) return Promise.resolve();
    // A race with one promise for the whole request would keep every other one until its end.
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        resolve();
      };
      this.#waiting.add(resume);
      void promise.then(resume);
    });
  }

  /** Calls back once when the request is interrupted; at once where it has been. @returns what takes that back */
  onInterrupted(callback: () => void): () => void {
    if (this.#reason === null) this.#waiting.add(callback);
    else callback();
    return () => void this.#waiting.delete(callback);
  }

  /** The call that an interruption is to end from now on. */
  attach(call: OpenCall): void {
    this.#call = call;
    if (this.#reason !== null) call.abort(this.#reason);
  }
}

/** The failure of a client that has gone. */
export const CLIENT_CLOSED = failure('client_closed', 'the client closed the connection');
