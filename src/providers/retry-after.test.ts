import { describe, expect, test } from 'vitest';

import { durationMs, retryAfterMs } from './retry-after.ts';
import type { ResponseHeaders } from './provider.ts';

describe('what a vendor asks us to wait', () => {
  test.each<[ResponseHeaders, number | null]>([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9000],
    [{ 'retry-after': ['3', '4'] }, 3000],
    [{ 'retry-after': '86400' }, 300_000],
    [{ 'retry-after': '99999999999999999999' }, null],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT', date: 'Wed, 21 Oct 2026 07:27:12 GMT' }, 48_000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT', date: 'Wed, 21 Oct 2026 07:29:00 GMT' }, 0],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m0.5s' }, 60_500],
    [{ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, 300_000],
    [{ 'x-ratelimit-remaining-tokens': '9', 'x-ratelimit-reset-tokens': '6m0s' }, null],
    [
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '120ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '2s',
      },
      2000,
    ],
    [
      {
        date: 'Wed, 21 Oct 2026 07:27:12 GMT',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-10-21T07:27:42Z',
        'anthropic-ratelimit-requests-remaining': '40',
        'anthropic-ratelimit-requests-reset': '2026-10-21T07:28:42Z',
      },
      30_000,
    ],
    [{ 'retry-after': '-1' }, null],
    [{ 'retry-after': '1e9' }, null],
    [{ 'retry-after': '' }, null],
    [{}, null],
  ])('%j', (headers, expected) => {
    expect(retryAfterMs(headers)).toBe(expected);
  });
});

describe('a duration as Google writes it', () => {
  test.each<[string, number | null]>([
    ['34.4s', 34_400],
    ['48s', 48_000],
    ['0.5s', 500],
    ['9999s', 300_000],
    ['34.4', null],
    ['-3s', null],
    ['1m', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});
