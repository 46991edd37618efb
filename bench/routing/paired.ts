import { drawn, PURPOSE } from './random.ts';

/** A mean with the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of paired differences, and the percentiles of the means of 2,000 resamples. */
export function estimate(differences: readonly number[]): Estimate {
  const count = differences.length;
  const means = Float64Array.from({ length: RESAMPLES }, (_, resample) => {
    let sum = 0;
    for (let nth = 0; nth < count; nth++) {
      sum += differences[Math.floor(drawn(1, PURPOSE.resample, resample, nth) * count)]!;
    }
    return sum / count;
  }).sort();
  const percentile = (share: number): number => means[Math.floor(share * (RESAMPLES - 1))]!;
  return { mean: meanOf(differences), low: percentile(0.025), high: percentile(0.975) };
}
