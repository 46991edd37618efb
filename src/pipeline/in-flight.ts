import type { Failure } from '../core/failure.ts';
import type { Interruption } from './interruption.ts';

/** The requests under way, so that the end of the process can end each of them with its own last word. */
export class InFlight {
  readonly #requests = new Map<Interruption, Promise<unknown>>();
  #ending: Failure | null = null;
  #interrupts = false;

  /** Why nothing new may begin; `null` while it may. */
  get ending(): Failure | null {
    return this.#ending;
  }

  /** Lets nothing new begin from now on; what is under way goes on. The first reason stays. */
  refuseNew(reason: Failure): void {
    this.#ending ??= reason;
  }

  /** Counts the request in until `done` settles. */
  track(interruption: Interruption, done: Promise<unknown>): void {
    this.#requests.set(interruption, done);
    const forget = (): void => {
      this.#requests.delete(interruption);
    };
    done.then(forget, forget);
    // It was let in before, and its body was long on its way.
    if (this.#interrupts && this.#ending !== null) interruption.interrupt(this.#ending);
  }

  /** Interrupts every request, and waits until each has told its client and is on record. */
  async end(reason: Failure): Promise<void> {
    this.refuseNew(reason);
    this.#interrupts = true;
    for (const interruption of this.#requests.keys()) interruption.interrupt(reason);
    await Promise.allSettled(this.#requests.values());
  }
}
