import { expect, it } from 'vitest';

import { costText, durationText } from './format.ts';

it.each([
  [null, '–'],
  [0, '0 ms'],
  [37.6, '38 ms'],
  [2190, '2.19 s'],
  [60_000, '1 min'],
  [65_000, '1 min 5 s'],
])('durationText(%s)', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});

it.each([
  [null, 'cost unknown'],
  [0, '$0'],
  [0.0121, '$0.0121'],
  [0.00039, '$0.00039'],
  [0.5, '$0.50'],
  [12.345, '$12.35'],
])('costText(%s)', (usd, text) => {
  expect(costText(usd)).toBe(text);
});
