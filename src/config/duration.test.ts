import { expect, it } from 'vitest';

import { parseDuration } from './duration.ts';

it.each([
  ['800ms', 800],
  ['2s', 2000],
  ['1.5s', 1500],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['24h', 86_400_000],
  ['0.001s', 1],
])('%s is %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

it.each(['', '60', 's', '-1s', '0s', '1.5ms', '1 s', '1S', '2d', '1e3s', '1s1ms', '600h', 'Infinitys'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
