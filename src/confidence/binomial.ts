/** A share of successes with the interval that holds the true one, 95 % sure. */
export interface Interval {
  readonly lower95: number;
  readonly upper95: number;
}

/** Both sides of a 95 % interval leave out so much. */
const TAIL = 0.025;
/** Halvings of [0, 1]: as exact as a double is. */
const HALVINGS = 60;
const MOST_TERMS = 500;
const CLOSE = 1e-14;
const TINY = 1e-300;

/** P(X ≤ hits) of a binomial variable of `n` trials with this chance each. */
export function binomialTail(hits: number, n: number, chance: number): number {
  return hits >= n ? 1 : betaShare(1 - chance, n - hits, hits + 1);
}

/** The exact 95 % interval of Clopper and Pearson (1934) for a share of which `hits` of `n` were seen. */
export function clopperPearson(hits: number, n: number): Interval {
  return {
    lower95: hits <= 0 ? 0 : betaQuantile(TAIL, hits, n - hits + 1),
    upper95: hits >= n ? 1 : betaQuantile(1 - TAIL, hits + 1, n - hits),
  };
}

/** The largest chance under which seeing at most `hits` of `n` is not less likely than `tail`: a one-sided upper bound. */
export function upperBound(hits: number, n: number, tail: number): number {
  return hits >= n ? 1 : betaQuantile(1 - tail, hits + 1, n - hits);
}

/** The 95 % interval of a share after `hits` of `n`, from Jeffreys' prior: Beta(½ + hits, ½ + misses). */
export function jeffreys(hits: number, n: number): Interval {
  const [a, b] = [0.5 + hits, 0.5 + n - hits];
  return { lower95: betaQuantile(TAIL, a, b), upper95: betaQuantile(1 - TAIL, a, b) };
}

/** The value below which a Beta(a, b) variable is with this probability. */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (betaShare(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≤ x) of a Beta(a, b) variable: the regularised incomplete beta function, by its continued fraction. */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean; on the other its mirror image does.
  if (x < (a + 1) / (a + b + 2)) return (front * fraction(x, a, b)) / a;
  return 1 - (front * fraction(1 - x, b, a)) / b;
}

/** Lentz's method for the continued fraction (Abramowitz and Stegun 26.5.8). */
function fraction(x: number, a: number, b: number): number {
  let numerator = 1;
  let denominator = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = denominator;
  for (let term = 1; term <= MOST_TERMS; term++) {
    const even = (term * (b - term) * x) / ((a + 2 * term - 1) * (a + 2 * term));
    const odd = (-(a + term) * (a + b + term) * x) / ((a + 2 * term) * (a + 2 * term + 1));
    let change = 1;
    for (const coefficient of [even, odd]) {
      denominator = 1 / awayFromZero(1 + coefficient * denominator);
      numerator = awayFromZero(1 + coefficient / numerator);
      change = denominator * numerator;
      value *= change;
    }
    if (Math.abs(change - 1) < CLOSE) break;
  }
  return value;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Lanczos' approximation (g = 7, nine terms), for positive numbers. */
function logGamma(value: number): number {
  if (value < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * value)) - logGamma(1 - value);
  const x = value - 1;
  const base = x + 7.5;
  const sum = LANCZOS.reduce((total, coefficient, index) => total + coefficient / (x + index + 1), FIRST_OF_LANCZOS);
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(base) - base + Math.log(sum);
}

const FIRST_OF_LANCZOS = 0.99999999999980993;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
