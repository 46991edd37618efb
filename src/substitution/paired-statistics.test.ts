import { describe, expect, test } from 'vitest';
import { bootstrapInterval, mcnemarExact, meanDifference } from './paired-statistics.ts';

describe('paired statistics', () => {
  test('McNemar’s exact test gives what its binomial gives', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
    expect(mcnemarExact(5, 5)).toBe(1);
    expect(mcnemarExact(9, 1)).toBeCloseTo((2 * (1 + 10)) / 2 ** 10, 12);
    // Twice the first 24 binomial coefficients of 83 over 2^83, in whole numbers.
    expect(mcnemarExact(60, 23)).toBeCloseTo(5.973595638605141e-5, 15);
    expect(mcnemarExact(1267, 377)).toBeLessThan(1e-100);
    expect(mcnemarExact(3000, 3000)).toBe(1);
  });

  test('the bootstrap is as wide as the standard error says, repeatable, and moves with its seed', () => {
    const nonzero = [...Array.from({ length: 60 }, () => -1), ...Array.from({ length: 23 }, () => 1)];
    const differences = { pairs: 1319, nonzero };
    const [low, high] = bootstrapInterval(differences, 7) ?? [0, 0];
    const mean = meanDifference(differences) ?? 0;
    const error = Math.sqrt((83 / 1319 - mean ** 2) / 1319);
    expect(mean).toBeCloseTo(-37 / 1319, 12);
    expect(low).toBeCloseTo(mean - 1.96 * error, 2.5);
    expect(high).toBeCloseTo(mean + 1.96 * error, 2.5);
    expect(bootstrapInterval(differences, 7)).toEqual([low, high]);
    const graded = { pairs: 50, nonzero: Array.from({ length: 20 }, (_, nth) => Math.sin(nth)) };
    expect(bootstrapInterval(graded, 8)).not.toEqual(bootstrapInterval(graded, 7));
  });

  test('all pairs differ, none differs, none is there', () => {
    expect(bootstrapInterval({ pairs: 3, nonzero: [-1, -1, -1] }, 1)).toEqual([-1, -1]);
    expect(bootstrapInterval({ pairs: 3, nonzero: [] }, 1)).toEqual([0, 0]);
    expect(bootstrapInterval({ pairs: 0, nonzero: [] }, 1)).toBeNull();
    expect(meanDifference({ pairs: 0, nonzero: [] })).toBeNull();
  });
});
