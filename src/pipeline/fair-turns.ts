import type { Clock } from '../core/clock.ts';

/** For so long the streams that pour are served; then the event loop goes round as often for everything else. */
const SLICE_MS = 0.5;
const ROUNDS_BETWEEN = 4;

/** One who waits for a turn. */
interface Waiting {
  readonly ticket: number;
  readonly begin: () => void;
}

/**
 * Turns at the event loop for streams that bring more than any model writes. All of them together
 * get one slice in several rounds: however many pour, other requests wait for a few slices from
 * beginning to end. When there are no others, the rounds between are empty and cost next to nothing.
 */
export class FairTurns {
  readonly #clock: Clock;
  /** By their tickets, the lowest first. */
  readonly #waiting: Waiting[] = [];
  #isServing = false;
  #lastTicket = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A place in the order, behind all that there are; good for many turns. */
  ticket(): number {
    return ++this.#lastTicket;
  }

  /** Resolves when it is the ticket's turn. */
  next(ticket: number): Promise<void> {
    return new Promise((begin) => {
      this.#enqueue({ ticket, begin });
      if (this.#isServing) return;
      this.#isServing = true;
      this.#serveAfter(1);
    });
  }

  /** Lets the event loop go round so often first. */
  #serveAfter(rounds: number): void {
    setImmediate(() => {
      if (rounds > 1) this.#serveAfter(rounds - 1);
      else void this.#serve();
    });
  }

  #enqueue(waiting: Waiting): void {
    let at = this.#waiting.length;
    let low = 0;
    while (low < at) {
      const middle = (low + at) >> 1;
      if ((this.#waiting[middle]?.ticket ?? 0) <= waiting.ticket) low = middle + 1;
      else at = middle;
    }
    this.#waiting.splice(at, 0, waiting);
  }

  /** One slice: each turn is over before the next one begins. */
  async #serve(): Promise<void> {
    const end = this.#clock.now() + SLICE_MS;
    do {
      this.#waiting.shift()?.begin();
      // Promises are settled before the next tick: by then the turn has done what it could.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    } while (this.#waiting.length > 0 && this.#clock.now() < end);
    if (this.#waiting.length === 0) this.#isServing = false;
    else this.#serveAfter(ROUNDS_BETWEEN);
  }
}
