import { describe, expect, test } from 'vitest';

import { DayBudget, TaskQueue } from './shadow.ts';

const NOON = Date.UTC(2026, 2, 4, 12);
const HOUR_MS = 3600 * 1000;

describe('a daily budget', () => {
  test('is spent by what was spent before, too, and is whole again on the next day', () => {
    const budget = new DayBudget(NOON, 3e9);
    expect(budget.refusal(NOON, 5e9)).toBeNull();
    budget.add(NOON + HOUR_MS, 2e9);
    expect(budget.refusal(NOON + HOUR_MS, 5e9)).toBe('$5.0000 of $5.0000 are spent today');
    expect(budget.refusal(NOON + HOUR_MS, 6e9)).toBeNull();
    expect(budget.refusal(NOON + 12 * HOUR_MS, 5e9)).toBeNull();
  });

  test('is not whole again when the clock is set back', () => {
    const budget = new DayBudget(NOON, 5e9);
    expect(budget.refusal(NOON - 24 * HOUR_MS, 5e9)).not.toBeNull();
    expect(budget.refusal(NOON, 5e9)).not.toBeNull();
  });

  test('is spent by a cost that nobody knows', () => {
    const budget = new DayBudget(NOON, 0);
    budget.add(NOON, null);
    budget.add(NOON, 1);
    expect(budget.refusal(NOON, 5e9)).toBe('a cost of today is not known');
    expect(new DayBudget(NOON, null).refusal(NOON, 5e9)).not.toBeNull();
    expect(budget.refusal(NOON + 12 * HOUR_MS, 5e9)).toBeNull();
  });
});

test('a queue runs so many at a time, in their order, and turns away what may not wait', async () => {
  const queue = new TaskQueue(2, 3);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const offer = (name: number): boolean =>
    queue.offer(() => {
      begun.push(name);
      return new Promise((resolve) => ends.push(resolve));
    });
  expect([1, 2, 3, 4, 5, 6].map(offer)).toEqual([true, true, true, true, true, false]);
  expect({ begun, waiting: queue.waiting }).toEqual({ begun: [1, 2], waiting: 3 });
  for (let at = 0; at < 5; at++) {
    ends[at]?.();
    await new Promise(setImmediate);
  }
  expect(begun).toEqual([1, 2, 3, 4, 5]);
  expect(offer(7)).toBe(true);
});
