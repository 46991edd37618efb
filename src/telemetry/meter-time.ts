import type { Clock } from '../core/clock.ts';

/**
 * The time that counts decay in: wall-clock time, so that a pause of the machine counts, which never goes back. When the
 * wall clock is set back, it goes on from where it was.
 */
export class MeterTime {
  readonly #clock: Clock;
  #lastWallMs: number;
  #setBackMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastWallMs = clock.wallTime();
  }

  /** Milliseconds since some moment; never less than before. */
  now(): number {
    const wallMs = this.#clock.wallTime();
    if (wallMs < this.#lastWallMs) this.#setBackMs += this.#lastWallMs - wallMs;
    this.#lastWallMs = wallMs;
    return wallMs + this.#setBackMs;
  }

  /** That moment of the wall clock, which was before now; a moment in the future is now. */
  at(wallMs: number): number {
    const nowMs = this.now();
    return nowMs - Math.max(0, this.#lastWallMs - wallMs);
  }
}
