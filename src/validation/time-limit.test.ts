import { expect, test } from 'vitest';

import { TimeLimit, TimeLimitError } from './time-limit.ts';

const limit = new TimeLimit();

test('work that would never end is stopped, and the next is done', () => {
  expect(() =>
    limit.within(20, () => {
      for (;;);
    }),
  ).toThrow(TimeLimitError);
  expect(limit.within(1000, () => 7)).toBe(7);
});

test('what the work throws comes through', () => {
  const thrown = new RangeError('own');
  expect(() =>
    limit.within(1000, () => {
      throw thrown;
    }),
  ).toThrow(thrown);
});

test('work that can be done again gets a second turn, and no third', () => {
  let turns = 0;
  const busyUntil = (turn: number): number => {
    turns++;
    while (turns <= turn);
    return turns;
  };
  expect(limit.withinTwice(20, () => busyUntil(1))).toBe(2);
  turns = 0;
  expect(() => limit.withinTwice(20, () => busyUntil(2))).toThrow(TimeLimitError);
  expect(turns).toBe(2);
});
