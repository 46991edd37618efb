import { expect, test } from 'vitest';

import { PeakAverage } from './peak-average.ts';

test('a slow answer counts at once and is forgotten within seconds', () => {
  const average = new PeakAverage();
  for (let atMs = 0; atMs <= 600_000; atMs += 1000) average.record(300, atMs);
  expect(average.value(600_000)).toBeCloseTo(300, 6);
  average.record(8000, 600_100);
  expect(average.value(600_100)).toBe(8000);
  expect(average.value(610_100)).toBeCloseTo(8000 / Math.E, 0);
  for (let atMs = 601_000; atMs <= 640_000; atMs += 1000) average.record(300, atMs);
  expect(average.value(640_000)).toBeGreaterThan(300);
  expect(average.value(640_000)).toBeLessThan(600);
});

test('who is no longer asked keeps its usual time for minutes, and then seems worth asking', () => {
  const average = new PeakAverage();
  average.record(3000, 0);
  expect(average.value(60_000)).toBeCloseTo(3000 * 2 ** -0.2, 6);
  expect(average.value(1_800_000)).toBeLessThan(50);
});
