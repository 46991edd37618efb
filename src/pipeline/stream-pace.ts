import type { FairTurns } from './fair-turns.ts';

/** So much may come at once, and then so much a millisecond, before a stream counts as one that pours: a model writes a fraction of it. */
const BURST_BYTES = 16 * 1024;
const BYTES_PER_MS = 256;
/**
 * So much of one stream goes on before it stands behind the others again. Were they served by turns,
 * each would hold what it has read for a whole round, and collecting that is what costs memory.
 */
const BYTES_PER_TICKET = 512 * 1024;

/** Tells one stream's ordinary speed from pouring, which has to wait for its turn. */
export class StreamPace {
  readonly #turns: FairTurns;
  #credit = BURST_BYTES;
  #at: number;
  #ticket = 0;
  #ticketBytes = 0;

  constructor(turns: FairTurns, now: number) {
    this.#turns = turns;
    this.#at = now;
  }

  /** Takes note of what has come; a promise when it is to wait for its turn. */
  take(bytes: number, now: number): Promise<void> | undefined {
    this.#credit = Math.min(BURST_BYTES, this.#credit + (now - this.#at) * BYTES_PER_MS) - bytes;
    this.#at = now;
    if (this.#credit >= 0) return undefined;
    if (this.#ticketBytes <= 0) {
      this.#ticket = this.#turns.ticket();
      this.#ticketBytes = BYTES_PER_TICKET;
    }
    this.#ticketBytes -= bytes;
    return this.#turns.next(this.#ticket);
  }
}
