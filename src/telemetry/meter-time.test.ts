import { expect, test } from 'vitest';

import { MeterTime } from './meter-time.ts';

test('goes with the wall clock, and goes on when that is set back', () => {
  let wallMs = 10_000;
  const time = new MeterTime({ now: () => 0, wallTime: () => wallMs, setTimer: () => ({ cancel: () => undefined }) });
  const startMs = time.now();
  const after = (nextWallMs: number): number => {
    wallMs = nextWallMs;
    return time.now() - startMs;
  };
  expect([after(13_000), after(5_000), after(5_000), after(6_000), after(16_000)]).toEqual([
    3000, 3000, 3000, 4000, 14_000,
  ]);
  expect(time.now() - time.at(15_000)).toBe(1000);
  expect(time.now() - time.at(99_000)).toBe(0);
});
