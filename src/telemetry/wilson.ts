/** One-sided, 95 % sure. */
const Z = 1.64;

/**
 * The share that the true one surely exceeds, 95 % sure, after so many hits among `n` (the lower bound of Wilson's
 * interval, one-sided); both may be decayed counts. 0 when nothing was seen.
 */
export function wilsonLowerBound(hits: number, n: number): number {
  if (n <= 0) return 0;
  const share = hits / n;
  const spread = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  return Math.max(0, (share + (Z * Z) / (2 * n) - spread) / (1 + (Z * Z) / n));
}
