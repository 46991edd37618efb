import { systemClock, type Clock, type Timer } from '../../src/core/clock.ts';

/** Longer than retries of other requests count, and than a vendor can ask to be left alone. */
const LEAP_MS = 600_000;

/**
 * The machine's clock, which a test lets leap ahead between two requests, so that the retries made for the one before
 * are long past. Dates and timers go on as they do.
 */
export class LeapingClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  wallTime(): number {
    return systemClock.wallTime();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return systemClock.setTimer(delayMs, callback);
  }

  leap(): void {
    this.#aheadMs += LEAP_MS;
  }
}
