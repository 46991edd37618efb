import { expect, test } from 'vitest';

import { logprobSignals } from './logprobs.ts';

const entries = (...logprobs: readonly (number | null)[]) => logprobs.map((logprob) => ({ token: 'x', logprob }));

test('the mean token, and the least likely five in a row', () => {
  const signals = logprobSignals(entries(0, 0, 0, 0, 0, -1, -1, -1, -1, -1, 0, 0));
  expect(signals?.mean_logprob).toBeCloseTo(-5 / 12, 12);
  expect(signals?.min_window_logprob).toBeCloseTo(-1, 12);
});

test('fewer than five are one window', () => {
  expect(logprobSignals(entries(-1, -3))).toEqual({ mean_logprob: -2, min_window_logprob: -2 });
});

test('nothing where there are none, or one has no number', () => {
  expect(logprobSignals(null)).toBeNull();
  expect(logprobSignals([])).toBeNull();
  expect(logprobSignals(entries(-1, null))).toBeNull();
});
