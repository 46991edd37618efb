import { describe, expect, test } from 'vitest';
import { eValue, pairsToGo, startEProcess, withDifference } from './e-process.ts';

function after(differences: readonly number[], margin = 0.05) {
  return differences.reduce(withDifference, startEProcess('no-worse', margin));
}

/** The definition, written down once more, with x in [0, 1] as in the paper and all of the past summed up each time. */
function byDefinition(differences: readonly number[], margin: number): number {
  const nullMean = (1 - margin) / 2;
  const xs = differences.map((difference) => (difference + 1) / 2);
  return xs.reduce((value, x, t) => {
    const past = [0.5, ...xs.slice(0, t)];
    const mean = past.reduce((sum, each) => sum + each, 0) / past.length;
    const spread = xs.slice(0, t).reduce((sum, each) => sum + (each - mean) ** 2, 0.25 + (0.5 - mean) ** 2);
    const bet = (mean - nullMean) / (spread / past.length + (mean - nullMean) ** 2);
    return value * (1 + Math.min(0.75 / nullMean, Math.max(0, bet)) * (x - nullMean));
  }, 1);
}

describe('the e-process', () => {
  test('is the product of the bets', () => {
    const differences = [0, 1, -1, 0, 0.25, 0, -0.5, 0, 0, 1, 0, 0];
    for (const margin of [0.02, 0.05, 0.1]) {
      expect(eValue(after(differences, margin))).toBeCloseTo(byDefinition(differences, margin), 10);
    }
  });

  test('never bets on what it has not seen: the first bet does not depend on the first difference', () => {
    const [lost, won] = [eValue(after([-1])), eValue(after([1]))];
    // One bet, two outcomes: at odds that are fair at the edge of the claim it neither gains nor loses.
    expect(0.525 * lost + 0.475 * won).toBeCloseTo(1, 12);
  });

  test('no pair takes more than three quarters of what there is', () => {
    const good = after(Array.from({ length: 500 }, () => 1));
    expect(eValue(withDifference(good, -1)) / eValue(good)).toBeCloseTo(0.25, 10);
  });

  test('is plain data that goes on as it would have', () => {
    const half = after([0, 0, -1, 0]);
    const revived = JSON.parse(JSON.stringify(half)) as typeof half;
    expect(withDifference(revived, 1)).toEqual(withDifference(half, 1));
  });

  test('says how many pairs without a difference are left, and null when they are too many', () => {
    const begun = after([0, 0, -1, 0]);
    const left = pairsToGo(begun, 20, 5000) ?? 0;
    const zeros = Array.from({ length: left }, () => 0);
    expect(eValue(zeros.slice(1).reduce(withDifference, begun))).toBeLessThan(20);
    expect(eValue(zeros.reduce(withDifference, begun))).toBeGreaterThanOrEqual(20);
    expect(pairsToGo(begun, 20, left - 1)).toBeNull();
  });

  test('without any difference five points take 85 pairs, two 216', () => {
    expect(pairsToGo(startEProcess('no-worse', 0.05), 20, 5000)).toBe(85);
    expect(pairsToGo(startEProcess('no-worse', 0.02), 20, 5000)).toBe(216);
  });

  test('the watch is its mirror at first, and sees a change after a long good time', () => {
    const watched = withDifference(startEProcess('worse', 0.05), -1);
    expect(watched.logValue).toBe(0);
    expect(eValue(withDifference(watched, -1))).toBeGreaterThan(1);
    const good = Array.from({ length: 1000 }, () => 0);
    const turned = [...good, ...Array.from({ length: 30 }, () => -1)];
    expect(eValue(turned.reduce(withDifference, startEProcess('worse', 0.05)))).toBeGreaterThan(10);
  });
});
