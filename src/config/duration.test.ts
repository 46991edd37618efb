import { expect, it } from 'vitest';

import { LONGEST_PERIOD_MS, parseDuration } from './duration.ts';

it.each([
  ['800ms', 800],
  ['2s', 2000],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['24h', 86_400_000],
  ['0.001s', 1],
  ['2d', 172_800_000],
])('%s is %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

it.each(['', '60', 's', '-1s', '0s', '1.5ms', '1 s', '1S', '25d', '1e3s', '1s1ms', '600h', 'Infinitys'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

it('may be longer than a timer where nothing waits for it', () => {
  expect(parseDuration('365d', LONGEST_PERIOD_MS)).toBe(31_536_000_000);
  expect(parseDuration('40000d', LONGEST_PERIOD_MS)).toBeNull();
});
