import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { RetryBudget } from './retry-budget.ts';

let clock: ManualClock;
let budget: RetryBudget;

beforeEach(() => {
  clock = new ManualClock();
  budget = new RetryBudget(clock);
});

test('three retries however few requests come, and no more while these are under way', () => {
  const ends = [budget.tryRetry(), budget.tryRetry(), budget.tryRetry()];
  expect(budget.tryRetry()).toBe(null);
  clock.advance(60_000);
  expect(budget.tryRetry()).toBe(null);
  ends[0]?.();
  // Saying it twice gives one back.
  ends[0]?.();
  expect(budget.tryRetry()).not.toBe(null);
  expect(budget.tryRetry()).toBe(null);
});

test('those that have ended count for ten seconds', () => {
  for (let made = 0; made < 3; made++) budget.tryRetry()?.();
  clock.advance(9999);
  expect(budget.tryRetry()).toBe(null);
  clock.advance(1);
  expect(budget.tryRetry()).not.toBe(null);
});

test('a fifth of the requests of the last ten seconds', () => {
  for (let made = 0; made < 100; made++) budget.requestBegan();
  let granted = 0;
  while (budget.tryRetry() !== null) granted++;
  expect(granted).toBe(20);
});

/** Every request fails, and every one would be tried again: when requests and retries began. */
function outage(gapsMs: readonly number[], lastsMs: number): { requests: number[]; retries: number[] } {
  const [clock, requests, retries]: [ManualClock, number[], number[]] = [new ManualClock(), [], []];
  const budget = new RetryBudget(clock);
  for (const gapMs of gapsMs) {
    clock.advance(gapMs);
    requests.push(clock.now());
    budget.requestBegan();
    const end = budget.tryRetry();
    if (end === null) continue;
    retries.push(clock.now());
    clock.setTimer(lastsMs, end);
  }
  return { requests, retries };
}

test('under a total outage, attempts stay within 1.2 a request and three in each ten seconds', () => {
  // No more than 666 ms apart: at least 1.5 requests a second, in bursts and lulls.
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 666 })), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(gaps, fc.constantFrom(0, 2000, 60_000), (gapsMs, lastsMs) => {
      const { requests, retries } = outage(gapsMs, lastsMs);
      const within = (times: readonly number[], endMs: number): number =>
        times.filter((time) => time > endMs - 10_000 && time <= endMs).length;
      retries.forEach((atMs, nth) => {
        const allowed = Math.max(
          3,
          0.2 *
            within(
              requests.filter((each) => each <= atMs),
              atMs,
            ),
        );
        expect(within(retries.slice(0, nth + 1), atMs)).toBeLessThanOrEqual(allowed);
      });
      const windows = Math.ceil(((requests.at(-1) ?? 0) - (requests[0] ?? 0) + 1) / 10_000);
      expect(requests.length + retries.length).toBeLessThanOrEqual(1.2 * requests.length + 3 * windows);
    }),
  );
});

test('20 requests a second that all fail for a minute', () => {
  const { requests, retries } = outage(Array<number>(1200).fill(50), 1000);
  expect(retries.length / requests.length).toBeLessThanOrEqual(0.2);
  // It bounds retries, it does not forbid them.
  expect(retries.length / requests.length).toBeGreaterThan(0.15);
});
