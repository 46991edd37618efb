import type { Clock } from '../core/clock.ts';
import { RollingCount } from './rolling-count.ts';

const WINDOW_MS = 10_000;
/** Retries for every request, and how many there may be however few requests come. */
const SHARE = 0.2;
const FLOOR = 3;

interface Retry {
  readonly beganMs: number;
  isOver: boolean;
  isOld: boolean;
}

/**
 * Bounds the retries of the whole gateway, so that a vendor's outage is not met by a multiple of the load: those begun in
 * the last 10 s, and older ones still under way, are at most three, or a fifth of the requests begun in that time.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #requests = new RollingCount(WINDOW_MS / 1000);
  /** Begun in the last 10 s, the oldest first. */
  readonly #recent: Retry[] = [];
  #oldUnderWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  requestBegan(): void {
    this.#requests.add(this.#clock.now());
  }

  /** Begins a retry; the function says that it has ended. `null`: there may be none now. */
  tryRetry(): (() => void) | null {
    const now = this.#clock.now();
    this.#age(now);
    const allowed = Math.max(FLOOR, SHARE * this.#requests.sum(now));
    if (this.#recent.length + this.#oldUnderWay + 1 > allowed) return null;
    const retry: Retry = { beganMs: now, isOver: false, isOld: false };
    this.#recent.push(retry);
    return () => {
      if (retry.isOver) return;
      retry.isOver = true;
      if (retry.isOld) this.#oldUnderWay--;
    };
  }

  #age(now: number): void {
    const kept = this.#recent.findIndex(({ beganMs }) => beganMs > now - WINDOW_MS);
    for (const retry of this.#recent.splice(0, kept < 0 ? this.#recent.length : kept)) {
      if (retry.isOver) continue;
      retry.isOld = true;
      this.#oldUnderWay++;
    }
  }
}
