import type { FairTurns } from './fair-turns.ts';

/** So much may come at once, and then so much a millisecond, before a stream counts as one that pours: a model writes a fraction of it. */
const BURST_BYTES = 16 * 1024;
const BYTES_PER_MS = 256;

/** Tells one stream's ordinary speed from pouring, which has to wait for its turn. */
export class StreamPace {
  readonly #turns: FairTurns;
  #credit = BURST_BYTES;
  #at: number;

  constructor(turns: FairTurns, now: number) {
    this.#turns = turns;
    this.#at = now;
  }

  /** Takes note of what has come; a promise when it is to wait for its turn. */
  take(bytes: number, now: number): Promise<void> | undefined {
    this.#credit = Math.min(BURST_BYTES, this.#credit + (now - this.#at) * BYTES_PER_MS) - bytes;
    this.#at = now;
    return this.#credit < 0 ? this.#turns.next() : undefined;
  }
}
