import type { Forecast } from './calibrator.ts';
import { equalMass } from './isotonic.ts';
import { seededDraws } from './seeded-draws.ts';

/** How far forecasts are off on average: the expected calibration error, over five bins of equal mass. */
export interface CalibrationError {
  /** As it is seen: chance alone makes it greater than 0. */
  readonly raw: number;
  /** The error for which chance makes what was seen; 0 where chance alone makes as much. */
  readonly debiased: number;
  /** The true one is not greater, 95 % sure: a greater one would seldom have shown as so little. */
  readonly upper95: number;
}

const ROUNDS = 200;
const SEED = 1;
const TAIL = 0.05;
const HALVINGS = 30;
/** More would say more of where forecasts are off, and less of how far. */
const MOST_BINS = 5;
/** Fewer in a bin would be noise. */
const LEAST_IN_BIN = 15;

interface Bin {
  readonly share: number;
  /** By how much its forecasts are off as a whole. */
  readonly off: number;
  /** By how much they are in each round when labels are drawn from the forecasts themselves. */
  readonly noise: readonly number[];
}

/**
 * Taking away what chance makes on average, and the spread of a plain bootstrap around the rest, passes forecasts that are off by the
 * very limit half of the time. So both figures come of asking which error, the same in all bins, would show as what was seen.
 * @param rising the forecasts by `score`, which is `p`; one at least
 */
export function calibrationError(rising: readonly (Forecast & { readonly score: number })[]): CalibrationError {
  const draw = seededDraws(SEED);
  const count = Math.max(1, Math.min(MOST_BINS, Math.floor(rising.length / LEAST_IN_BIN)));
  const bins = equalMass(rising, count).map(([start, end]) => binOf(rising.slice(start, end), rising.length, draw));
  const raw = bins.reduce((sum, { share, off }) => sum + share * Math.abs(off), 0);
  const shown = (error: number): readonly number[] => shownErrors(bins, error);
  return {
    raw,
    debiased: leastError((error) => mean(shown(error)) >= raw),
    upper95: leastError((error) => (shown(error).toSorted((a, b) => a - b)[Math.floor(TAIL * ROUNDS)] ?? 0) > raw),
  };
}

function binOf(forecasts: readonly Forecast[], total: number, draw: () => number): Bin {
  const n = forecasts.length;
  const off = forecasts.reduce((sum, { p, accepted }) => sum + p - Number(accepted), 0) / n;
  const noise = Array.from({ length: ROUNDS }, () => {
    return forecasts.reduce((sum, { p }) => sum + p - (draw() < p ? 1 : 0), 0) / n;
  });
  return { share: n / total, off, noise };
}

/** What is seen in each round when every bin is truly off by so much. */
function shownErrors(bins: readonly Bin[], error: number): readonly number[] {
  return Array.from({ length: ROUNDS }, (_, round) => {
    return bins.reduce((sum, { share, noise }) => sum + share * Math.abs(error + (noise[round] ?? 0)), 0);
  });
}

/** The least error from 0 to 1 for which this holds, as it does for every greater one. */
function leastError(holds: (error: number) => boolean): number {
  if (holds(0)) return 0;
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
