/** Speed and errors of a vendor change within minutes: what was seen five minutes ago counts half. */
export const FAST_HALF_LIFE_MS = 5 * 60_000;
/** The quality of a model's answers changes with its version, and is seldom judged: what was seen a day ago counts half. */
export const SLOW_HALF_LIFE_MS = 24 * 3_600_000;

/** After how long what was seen counts half: `fastMs` of speed and errors, `slowMs` of the quality of answers. */
export interface HalfLives {
  readonly fastMs: number;
  readonly slowMs: number;
}

export const HALF_LIVES: HalfLives = { fastMs: FAST_HALF_LIFE_MS, slowMs: SLOW_HALF_LIFE_MS };

/** Counts below it are none. Left alone they would shrink to numbers that a processor is slow with. */
export const NEGLIGIBLE = 1e-6;

/** What is left of a count after so long: 1 at first, half after each half-life. */
export function decayFactor(elapsedMs: number, halfLifeMs: number): number {
  return elapsedMs <= 0 ? 1 : 2 ** (-elapsedMs / halfLifeMs);
}
