import { decayFactor, FAST_HALF_LIFE_MS } from './decay.ts';

/** How long a peak is remembered: after so long a 2.7th of it is left (as in Finagle's `p2cPeakEwma`). */
const PEAK_MEMORY_MS = 10_000;

/**
 * A moving average of the time to first content that believes a slow answer at once and forgets it within seconds; it
 * never falls below the average of minutes, which itself fades while nothing is measured, so that who was slow once is
 * asked again. The times given to it must not go back.
 */
export class PeakAverage {
  #peakMs = 0;
  #usualMs = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  record(ttftMs: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    const kept = Math.exp(-elapsedMs / PEAK_MEMORY_MS);
    this.#peakMs = Math.max(ttftMs, this.#peakMs * kept + ttftMs * (1 - kept));
    const usualKept = decayFactor(elapsedMs, FAST_HALF_LIFE_MS);
    this.#usualMs = this.#usualMs * usualKept + ttftMs * (1 - usualKept);
    this.#atMs = nowMs;
  }

  /** Milliseconds. */
  value(nowMs: number): number {
    const elapsedMs = nowMs - this.#atMs;
    const peakMs = this.#peakMs * Math.exp(-elapsedMs / PEAK_MEMORY_MS);
    return Math.max(peakMs, this.#usualMs * decayFactor(elapsedMs, FAST_HALF_LIFE_MS));
  }
}
