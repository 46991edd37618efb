import type { Clock, Timer } from '../../src/core/clock.ts';

const START_WALL_TIME_MS = Date.UTC(2026, 0, 5, 9);

/** Time that the simulation sets. */
export class VirtualClock implements Clock {
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return START_WALL_TIME_MS + this.#nowMs;
  }

  /** @throws Error always: what decides about requests reckons with the time, and waits for nothing */
  setTimer(): Timer {
    throw new Error('nothing in the simulation waits on a timer');
  }

  /** @param nowMs never less than before */
  set(nowMs: number): void {
    this.#nowMs = nowMs;
  }
}
