import fc from 'fast-check';
import { expect, test } from 'vitest';

import { randomFrom } from '../simulator/random.ts';
import { TrialPace } from './trial-pace.ts';

const NEVER = 0.5;

test('who needs a trial gets one every five minutes, whatever the draw', () => {
  const pace = new TrialPace();
  const due = Array.from({ length: 3000 }, (_, second) => pace.isDue('a', 0.04, NEVER, second * 1000));
  const times = due.flatMap((isDue, second) => (isDue ? [second] : []));
  expect(times.length).toBe(10);
  expect(new Set(times.slice(1).map((second, index) => second - (times[index] ?? 0)))).toEqual(new Set([300]));
});

test('and by the draw in its share of the requests that may be one, whatever else goes by the first digits of the draw', () => {
  const random = randomFrom('trials');
  const due = { low: 0, high: 0 };
  const pace = new TrialPace();
  for (let request = 0; request < 100_000; request++) {
    const draw = random.next();
    // A hundredth of a second apart: the pause alone asks for one in thirty thousand.
    if (pace.isDue('a', 0.04, draw, request * 10)) due[draw < 0.5 ? 'low' : 'high']++;
  }
  // Each keeps the next three from being one: 1 / (25 + 3).
  expect(due.low / 50_000).toBeCloseTo(1 / 28, 2);
  expect(due.high / 50_000).toBeCloseTo(1 / 28, 2);
});

test('who needs none gets none', () => {
  const pace = new TrialPace();
  expect(Array.from({ length: 100 }, (_, index) => pace.isDue('a', 0, 0, index * 600_000))).not.toContain(true);
});

test('at most one in four requests of a route is a trial, however many of its candidates need one', () => {
  const requests = fc.array(
    fc.record({
      draw: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      pauseMs: fc.constantFrom(1, 1000, 400_000),
      candidates: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
    }),
    { minLength: 4, maxLength: 200 },
  );
  fc.assert(
    fc.property(requests, (made) => {
      const pace = new TrialPace();
      let nowMs = 0;
      const trials = made.map(({ draw, pauseMs, candidates }) => {
        nowMs += pauseMs;
        return candidates.filter((name) => pace.isDue(name, 0.25, draw, nowMs)).length;
      });
      for (let from = 0; from + 4 <= trials.length; from++) {
        expect(trials.slice(from, from + 4).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 200, seed: 20_261_123 },
  );
});

test('every candidate comes to its turn', () => {
  const pace = new TrialPace();
  const tried = new Set<string>();
  for (let request = 0; request < 40; request++) {
    for (const name of ['a', 'b', 'c', 'd']) {
      if (pace.isDue(name, 0.02, NEVER, request * 100)) tried.add(name);
    }
  }
  expect([...tried]).toEqual(['a', 'b', 'c', 'd']);
});
