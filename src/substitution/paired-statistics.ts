const RESAMPLES = 2000;

/** What is told of paired differences beside the decision, which does not depend on it. */
export interface PairedDifferences {
  /** How many pairs there are. */
  readonly pairs: number;
  /** The differences that are not 0. */
  readonly nonzero: readonly number[];
}

/** Mean difference; `null` without pairs. */
export function meanDifference({ pairs, nonzero }: PairedDifferences): number | null {
  return pairs === 0 ? null : nonzero.reduce((sum, difference) => sum + difference, 0) / pairs;
}

/**
 * 95 % interval of the mean difference by a percentile bootstrap of 2,000 resamples; the same seed gives the same
 * interval. `null` without pairs. It is for one look, not for one after each pair.
 */
export function bootstrapInterval(
  { pairs, nonzero }: PairedDifferences,
  seed: number,
): readonly [number, number] | null {
  if (pairs === 0) return null;
  const next = generator(seed);
  const means = Array.from({ length: RESAMPLES }, () => resampledSum(pairs, nonzero, next) / pairs).sort(
    (a, b) => a - b,
  );
  return [means[Math.floor(RESAMPLES * 0.025)] ?? 0, means[Math.ceil(RESAMPLES * 0.975) - 1] ?? 0];
}

/** Sum of as many draws with replacement as there are pairs. Draws that give 0 are leapt over, since most do. */
function resampledSum(pairs: number, nonzero: readonly number[], next: () => number): number {
  if (nonzero.length === 0) return 0;
  const logMiss = Math.log1p(-nonzero.length / pairs);
  const leap = (): number => (logMiss === -Infinity ? 1 : 1 + Math.floor(Math.log1p(-next()) / logMiss));
  let sum = 0;
  for (let at = leap(); at <= pairs; at += leap()) sum += nonzero[Math.floor(next() * nonzero.length)] ?? 0;
  return sum;
}

/**
 * Chance of a split at least as uneven as this one were neither side the better (McNemar's exact test, both sides).
 * @param worse pairs in which the stand-in did worse
 * @param better pairs in which it did better
 */
export function mcnemarExact(worse: number, better: number): number {
  const total = worse + better;
  const fewer = Math.min(worse, better);
  let logTerm = -total * Math.LN2;
  for (let k = 1; k <= fewer; k++) logTerm += Math.log((total - k + 1) / k);
  // The greatest term of the tail first: each further one is a fraction of it.
  let share = 1;
  let tail = 1;
  for (let k = fewer; k > 0; k--) {
    share *= k / (total - k + 1);
    tail += share;
  }
  return Math.min(1, 2 * Math.exp(logTerm + Math.log(tail)));
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32, public domain, Tommy Ettinger). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const first = Math.imul(state ^ (state >>> 15), state | 1);
    const second = first ^ (first + Math.imul(first ^ (first >>> 7), first | 61));
    return ((second ^ (second >>> 14)) >>> 0) / 2 ** 32;
  };
}
