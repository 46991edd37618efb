/*
 * Testing by betting (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", 2024): whoever
 * bets against a claim that is true has, at whatever moment one looks, at most one chance in `x` to have ever multiplied
 * the stake by `x`. So one may look after each pair, and stop when one likes.
 */

/** What is claimed of the true mean of the differences: it is above `-margin`, or it is below. */
export type Claim = 'no-worse' | 'worse';

/** The bets so far; plain data. It depends on the order of the differences. */
export interface EProcess {
  readonly claim: Claim;
  readonly margin: number;
  readonly pairs: number;
  /** Natural logarithm of what a stake of 1 has become. */
  readonly logValue: number;
  /** Sums over past pairs, in which older ones may count for less: weight, half differences, their squares. */
  readonly weight: number;
  readonly sum: number;
  readonly squares: number;
}

/** Of a stake at most this part may be lost by one pair. */
const MOST_AT_STAKE = 0.75;
/** What is assumed before the first pair: no difference, the greatest variance there can be. It counts as one pair. */
const PRIOR_VARIANCE = 0.25;
/**
 * A watch bets by the pairs of late, the last fifty or so, so that it sees a change after a long good time. What
 * it promises does not depend on this.
 */
const WATCH_RETENTION = 0.5 ** (1 / 50);

/** @param margin how much lower the mean may be, from 0 to 1 (0.05: five points) */
export function startEProcess(claim: Claim, margin: number): EProcess {
  return { claim, margin, pairs: 0, logValue: 0, weight: 1, sum: 0, squares: PRIOR_VARIANCE };
}

/** @param difference score of the stand-in less score of the other, from -1 to 1 */
export function withDifference(process: EProcess, difference: number): EProcess {
  const { claim, margin } = process;
  const half = (claim === 'no-worse' ? difference : -difference) / 2;
  const kept = claim === 'no-worse' ? 1 : WATCH_RETENTION;
  return {
    claim,
    margin,
    pairs: process.pairs + 1,
    logValue: process.logValue + Math.log1p(nextBet(process) * (half - nullMean(process))),
    weight: process.weight * kept + 1,
    sum: process.sum * kept + half,
    squares: process.squares * kept + half * half,
  };
}

/** How far the pairs speak for the claim: what a stake of 1 has become, which an untrue claim brings to 20 with a chance of at most 5 %. */
export function eValue(process: EProcess): number {
  return Math.exp(process.logValue);
}

/** How many pairs without any difference would bring the value to the threshold; `null`: more than `limit`. */
export function pairsToGo(process: EProcess, threshold: number, limit: number): number | null {
  const needed = Math.log(threshold);
  let ahead = process;
  for (let count = 0; count <= limit; count++) {
    if (ahead.logValue >= needed) return count;
    ahead = withDifference(ahead, 0);
  }
  return null;
}

/** The mean of the half differences at the edge of what contradicts the claim. */
function nullMean({ claim, margin }: EProcess): number {
  return claim === 'no-worse' ? -margin / 2 : margin / 2;
}

/** How much is bet on the next pair: by what is known before it, and never against the claim. */
function nextBet(process: EProcess): number {
  const mean = process.sum / process.weight;
  const variance = Math.max(0, process.squares / process.weight - mean * mean);
  const gain = mean - nullMean(process);
  if (gain <= 0) return 0;
  return Math.min(MOST_AT_STAKE / (0.5 + nullMean(process)), gain / (variance + gain * gain));
}
