/** So many refusals a second cost some percent of a core. What is more is spread over a longer time. */
const REFUSALS_PER_SECOND = 1_000;
const WINDOW_MS = 100;
const REFUSALS_PER_WINDOW = (REFUSALS_PER_SECOND * WINDOW_MS) / 1_000;
/** How much the last window counts in the mean of the last second or so. */
const SMOOTHING = 0.1;
/** Clients are told to come back after this, spread evenly over half of it to one and a half: or they would come back all at once. */
const RETRY_AFTER_MS = 1_000;
/** SDKs take no longer waits than a minute from a server. */
const LONGEST_STRETCH = 30;
/** Its multiples, taken modulo one, lie evenly however many there are. */
const GOLDEN_RATIO = 0.618_033_988_75;

/**
 * Keeps what refusals cost within bounds, however many clients there are and whatever they do: the
 * more are refused, the later they are told to come back; and who then comes earlier all the same has
 * to wait, while there are too many of those.
 */
export class RefusalPace {
  readonly #toldUntil = new WeakMap<object, number>();
  #lastTold = 0;
  #count = 0;
  #windowEndsAt = 0;
  #inWindow = 0;
  #perWindow = 0;

  /** How long the client of this connection is to stay away, in milliseconds. @param now monotonic milliseconds */
  retryAfterMs(connection: object, now: number): number {
    this.#roll(now);
    this.#inWindow++;
    const stretch = Math.min(LONGEST_STRETCH, Math.max(1, this.#perWindow / REFUSALS_PER_WINDOW));
    const retryAfterMs = Math.round(RETRY_AFTER_MS * stretch * (0.5 + ((this.#count++ * GOLDEN_RATIO) % 1)));
    this.#toldUntil.set(connection, now + retryAfterMs);
    this.#lastTold = Math.max(this.#lastTold, now + retryAfterMs);
    return retryAfterMs;
  }

  /** How long a request that has come over this connection has to wait before it is looked at: 0, but for the few cases that matter. */
  waitMs(connection: object, now: number): number {
    if (now >= this.#lastTold) return 0;
    this.#roll(now);
    if (this.#inWindow < REFUSALS_PER_WINDOW) return 0;
    return Math.max(0, (this.#toldUntil.get(connection) ?? 0) - now);
  }

  #roll(now: number): void {
    if (now < this.#windowEndsAt) return;
    const emptyWindows = Math.floor((now - this.#windowEndsAt) / WINDOW_MS);
    this.#perWindow += SMOOTHING * (this.#inWindow - this.#perWindow);
    this.#perWindow *= (1 - SMOOTHING) ** emptyWindows;
    this.#inWindow = 0;
    this.#windowEndsAt = now + WINDOW_MS;
  }
}
