import { expect, test } from 'vitest';

import { Chance } from './chance.ts';

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pearson's. */
function correlation(one: readonly number[], other: readonly number[]): number {
  const centred = (values: readonly number[]): readonly number[] => {
    const mean = meanOf(values);
    return values.map((value) => value - mean);
  };
  const product = (a: readonly number[], b: readonly number[]): number =>
    meanOf(a.map((value, nth) => value * (b[nth] ?? 0)));
  const [a, b] = [centred(one), centred(other)];
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

// Draws that were looked at already, such as those below 4 %, must not make one choice likelier.
test.each([
  ['all draws', 0, 1],
  ['small draws', 0, 0.04],
  ['draws that differ in their last bits only', 0.5, 1e-12],
])('is even, and tells nothing of the draw: %s', (_, from, width) => {
  const draws = Array.from({ length: 3000 }, (_, nth) => from + (width * nth) / 3000);
  const streams = draws.map((draw) => new Chance(draw));
  for (let nth = 0; nth < 3; nth++) {
    const numbers = streams.map((stream) => stream.next());
    expect(meanOf(numbers)).toBeCloseTo(0.5, 1.3);
    expect(Math.abs(correlation(draws, numbers))).toBeLessThan(0.08);
  }
});

test('the same draw gives the same numbers', () => {
  const [one, other] = [new Chance(0.123), new Chance(0.123)];
  for (let nth = 0; nth < 100; nth++) {
    const drawn = one.below(7);
    expect(drawn).toBe(other.below(7));
    expect(drawn).toBeLessThan(7);
  }
});
