import { expect, test } from 'vitest';

import { backoffMs, type BackoffInputs } from './backoff.ts';

function wait(said: Partial<BackoffInputs>): number | null {
  return backoffMs({ retry: 0, retryAfterMs: null, remainingMs: Infinity, draw: 0.5, ...said });
}

test('anything up to 250 ms, twice that with each retry, and 4 s at the most', () => {
  const longest = [0, 1, 2, 3, 4, 5, 60].map((retry) => wait({ retry, draw: 0.999_999 }));
  expect(longest.map((ms) => Math.round(ms ?? -1))).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
  expect(wait({ draw: 0 })).toBe(0);
  expect(wait({ draw: 0.25 })).toBe(62.5);
});

test('what the vendor asks for, and up to a tenth more, never less', () => {
  expect(wait({ retryAfterMs: 2000, draw: 0 })).toBe(2000);
  expect(wait({ retryAfterMs: 2000, draw: 0.5 })).toBe(2100);
  expect(wait({ retryAfterMs: 0 })).toBe(0);
});

test('no retry where the wait is longer than 5 s, or than what is left', () => {
  expect(wait({ retryAfterMs: 5000, draw: 0 })).toBe(5000);
  expect(wait({ retryAfterMs: 5001 })).toBe(null);
  expect(wait({ retryAfterMs: 2000, remainingMs: 1999 })).toBe(null);
  expect(wait({ remainingMs: 100 })).toBe(null);
  expect(wait({ remainingMs: 126 })).toBe(125);
});
