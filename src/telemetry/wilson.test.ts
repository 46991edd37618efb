import { expect, test } from 'vitest';

import { wilsonLowerBound } from './wilson.ts';

test.each([
  [9, 14],
  [2, 8],
  [1, 200],
  [40, 40],
  [3.7, 21.4],
])('%d of %d: the share is 1.64 standard errors from its lower bound', (hits, n) => {
  const bound = wilsonLowerBound(hits, n);
  expect(hits / n - bound).toBeCloseTo(1.64 * Math.sqrt((bound * (1 - bound)) / n), 10);
});

test('nothing is sure of what was never seen', () => {
  expect([wilsonLowerBound(0, 0), wilsonLowerBound(0, 500)]).toEqual([0, 0]);
});
