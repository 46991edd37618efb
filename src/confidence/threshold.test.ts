import { describe, expect, test } from 'vitest';

import type { ScoredLabel } from './calibrator.ts';
import { acceptRule, leastLabels } from './threshold.ts';

const TERMS = { risk: 0.05, delta: 0.1 };

/** The best first: `wrong` are the ranks of those that are wrong. */
function labels(n: number, ...wrong: readonly number[]): ScoredLabel[] {
  return Array.from({ length: n }, (_, rank) => ({ score: n - rank, accepted: !wrong.includes(rank + 1) }));
}

describe('acceptRule', () => {
  test('takes everything where nothing is wrong, and says how sure that is', () => {
    const rule = acceptRule(TERMS, labels(100));
    expect(rule).toMatchObject({ threshold: 1, n: 100, errors: 0, coverage: 1 });
    // 1 - 0.1^(1/100)
    expect(rule).toHaveProperty('bound', expect.closeTo(0.02276, 4));
  });

  test('ends before the zone that cannot be cleared, and stays there though a wider one could be', () => {
    // Of 95 five are wrong, of 100 and more still only five: 200 with five would pass.
    const rule = acceptRule(TERMS, labels(200, 91, 92, 93, 94, 95));
    expect(rule).toMatchObject({ n: 90, errors: 0, threshold: 111 });
    expect(acceptRule(TERMS, labels(200, 191, 192, 193, 194, 195))).toMatchObject({ n: 200, errors: 5 });
  });

  test('there is none where the best zone has too many wrong', () => {
    expect(acceptRule(TERMS, labels(200, 1, 2, 3, 4, 5))).toEqual({
      threshold: null,
      reason: 'of the best 90 of 200 labels 5 are wrong, too many to be sure',
    });
  });

  test('there is none below the labels that could ever suffice', () => {
    expect(leastLabels(TERMS)).toBe(45);
    expect(leastLabels({ risk: 0.05, delta: 0.05 })).toBe(59);
    expect(acceptRule(TERMS, labels(44))).toEqual({ threshold: null, reason: '44 labels, at least 45 are needed' });
    expect(acceptRule(TERMS, labels(45))).toMatchObject({ n: 45 });
  });

  test('equal scores are taken or left together', () => {
    const tied = labels(200).map(({ score }) => ({ score: score > 100 ? 2 : 1, accepted: score > 100 }));
    expect(acceptRule(TERMS, tied)).toMatchObject({ threshold: 2, n: 100, errors: 0 });
  });

  test('the order of the labels plays no part', () => {
    const some = labels(300, 120, 200, 250);
    expect(acceptRule(TERMS, some.toReversed())).toEqual(acceptRule(TERMS, some));
  });
});
