import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { betaQuantile, betaShare, binomialTail, clopperPearson, jeffreys, upperBound } from './binomial.ts';

/** The plain sum, term by term. */
function summedTail(hits: number, n: number, chance: number): number {
  let term = (1 - chance) ** n;
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    sum += term;
    term *= ((n - k) / (k + 1)) * (chance / (1 - chance));
  }
  return sum;
}

describe('binomialTail', () => {
  test('is the sum of its terms', () => {
    const anyTrial = fc.tuple(
      fc.integer({ min: 1, max: 300 }),
      fc.double({ min: 0.01, max: 0.9, noNaN: true }),
      fc.nat(),
    );
    fc.assert(
      fc.property(anyTrial, ([n, chance, any]) => {
        const hits = any % (n + 1);
        expect(binomialTail(hits, n, chance)).toBeCloseTo(summedTail(hits, n, chance), 9);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  test('of thousands of trials does not overflow', () => {
    expect(binomialTail(5000, 100_000, 0.05)).toBeCloseTo(0.5, 1);
    expect(binomialTail(0, 5000, 0.5)).toBe(0);
  });
});

describe('intervals', () => {
  // Of R: binom.test(x, n)$conf.int.
  test.each([
    [0, 10, 0, 0.3084971],
    [3, 20, 0.0320709, 0.3789268],
    [10, 10, 0.6915029, 1],
  ])('Clopper-Pearson of %i of %i', (hits, n, lower, upper) => {
    const { lower95, upper95 } = clopperPearson(hits, n);
    expect(lower95).toBeCloseTo(lower, 6);
    expect(upper95).toBeCloseTo(upper, 6);
  });

  test('an upper bound is where so few hits become too unlikely', () => {
    const bound = upperBound(2, 105, 0.1);
    expect(summedTail(2, 105, bound)).toBeCloseTo(0.1, 9);
    expect(upperBound(5, 5, 0.1)).toBe(1);
  });

  test('the interval of Jeffreys leaves out as much on either side', () => {
    const { lower95, upper95 } = jeffreys(3, 20);
    expect(betaShare(lower95, 3.5, 17.5)).toBeCloseTo(0.025, 9);
    expect(betaShare(upper95, 3.5, 17.5)).toBeCloseTo(0.975, 9);
  });

  test('a quantile is where the share is reached', () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [0.5, 30.5],
      [400, 3],
    ] as const) {
      expect(betaShare(betaQuantile(0.3, a, b), a, b)).toBeCloseTo(0.3, 9);
    }
  });
});
