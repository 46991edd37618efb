import { describe, expect, test } from 'vitest';

import { RefusalPace } from './refusal-pace.ts';

/** Refuses so many clients a second for so long; what they were told. */
function refuse(pace: RefusalPace, perSecond: number, seconds: number, startMs = 0): readonly number[] {
  const told: number[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    told.push(pace.retryAfterMs({}, startMs + (index * 1000) / perSecond));
  }
  return told;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the pace of refusals', () => {
  test('clients are told different times, evenly about a second', () => {
    const told = refuse(new RefusalPace(), 200, 5);
    expect(Math.min(...told)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...told)).toBeLessThanOrEqual(1_500);
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      told.filter((ms) => Math.floor((ms - 500) / 100) === tenth),
    );
    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(told.length / 10 / 2);
  });

  test('the more are refused, the later they are told to come back', () => {
    const told = refuse(new RefusalPace(), 10_000, 10);
    expect(mean(told.slice(0, 100))).toBeLessThan(1_100);
    expect(mean(told.slice(-10_000))).toBeGreaterThan(9_000);
    expect(mean(told.slice(-10_000))).toBeLessThan(11_000);
  });

  test('and a quiet minute is forgotten', () => {
    const pace = new RefusalPace();
    refuse(pace, 10_000, 10);
    expect(mean(refuse(pace, 10, 10, 70_000))).toBeLessThan(1_100);
  });

  test('who comes too early waits only while too many are refused', () => {
    const pace = new RefusalPace();
    const early = {};
    const told = pace.retryAfterMs(early, 0);
    expect(pace.waitMs(early, 1)).toBe(0);
    refuse(pace, 200_000, 0.001, 1);
    expect(pace.waitMs(early, 2)).toBe(told - 2);
    // Others, and those who come when they were told, do not.
    expect(pace.waitMs({}, 2)).toBe(0);
    expect(pace.waitMs(early, 200)).toBe(0);
    refuse(pace, 200_000, 0.001, told);
    expect(pace.waitMs(early, told)).toBe(0);
  });
});
