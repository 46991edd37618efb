import type { Clock } from '../core/clock.ts';

/** For so long the streams that pour are served before everything else has its turn. */
const SLICE_MS = 0.5;
const REST_MS = 1;

/**
 * Turns at the event loop for streams that bring more than any model writes. Each waits for its
 * turn, and all of them together get a slice of every round of the loop: however many pour, the
 * other requests wait for one slice only.
 */
export class FairTurns {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  #isServing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is the caller's turn, in the order of asking. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#isServing) return;
      this.#isServing = true;
      setImmediate(() => void this.#serve());
    });
  }

  /** One slice: each turn is over before the next one begins. */
  async #serve(): Promise<void> {
    const end = this.#clock.now() + SLICE_MS;
    const waiting = this.#waiting;
    this.#waiting = [];
    let served = 0;
    while (served < waiting.length && this.#clock.now() < end) {
      waiting[served++]?.();
      // Promises are settled before the next tick: by then the turn has done what it could.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.#waiting = [...waiting.slice(served), ...this.#waiting];
    if (this.#waiting.length === 0) this.#isServing = false;
    else setTimeout(() => void this.#serve(), REST_MS);
  }
}
