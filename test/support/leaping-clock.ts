import { systemClock, type Clock, type Timer } from '../../src/core/clock.ts';

/** Longer than anything is held against an upstream, and than the retries of others count. */
const LEAP_MS = 600_000;

/**
 * The machine's clock, which a test lets leap ahead between two requests: what the gateway has learnt of an
 * upstream's health, and the retries it has made, are then long past. Dates and timers go on as they do.
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
