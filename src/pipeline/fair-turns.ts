import type { Clock } from '../core/clock.ts';

/** So much of the time streams that pour may take, all of them together: some ten megabytes a second. */
const SHARE = 1 / 8;
/** And so much at once, when there was nothing to do before. */
const SLICE_MS = 0.5;
/** A turn during which the whole process stood still has not used that time: more is not counted against the next ones. */
const LONGEST_TURN_MS = 5;

/** One who waits for a turn. */
interface Waiting {
  readonly ticket: number;
  readonly begin: () => void;
}

/**
 * Turns at the event loop for streams that bring more than any model writes. All of them together
 * get a small share of the time, in slices: however many pour, other requests hardly notice.
 */
export class FairTurns {
  readonly #clock: Clock;
  /** By their tickets, the lowest first. */
  readonly #waiting: Waiting[] = [];
  #isServing = false;
  #lastTicket = 0;
  /** What is left of the time that may be taken, and as of when. */
  #budgetMs = SLICE_MS;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
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
      setImmediate(() => void this.#serve());
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
    this.#advance(SHARE);
    while (this.#waiting.length > 0 && this.#budgetMs > 0) {
      this.#waiting.shift()?.begin();
      // Promises are settled before the next tick: by then the turn has done what it could.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      this.#advance(SHARE - 1);
    }
    if (this.#waiting.length === 0) this.#isServing = false;
    // Not by the clock that measures: it may stand still, and whoever waits would wait for ever.
    else setTimeout(() => this.#goOn(), Math.ceil((SLICE_MS - this.#budgetMs) / SHARE));
  }

  /** After a pause that was as long as it takes to have a whole slice again. */
  #goOn(): void {
    this.#budgetMs = SLICE_MS;
    this.#at = this.#clock.now();
    void this.#serve();
  }

  /** Lets the budget grow by so much of the time that has passed, or shrink. */
  #advance(rate: number): void {
    const now = this.#clock.now();
    this.#budgetMs = Math.max(-LONGEST_TURN_MS, Math.min(SLICE_MS, this.#budgetMs + (now - this.#at) * rate));
    this.#at = now;
  }
}
