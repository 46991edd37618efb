import { expect, test } from 'vitest';

import { DecayingTally } from './decaying-tally.ts';

test('each sum is halved in a half-life, whenever it is looked at, and is gone in the end', () => {
  const tally = new DecayingTally<'a' | 'b'>(1000, 0);
  tally.add('a', 8, 0);
  expect(tally.get('a', 500)).toBeCloseTo(8 / Math.SQRT2, 10);
  tally.add('b', 4, 1000);
  expect([tally.get('a', 2000), tally.get('b', 2000)]).toEqual([expect.closeTo(2, 10), expect.closeTo(2, 10)]);
  expect([...tally.entries(60_000)]).toEqual([]);
});
