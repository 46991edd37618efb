import type { ResponseHeaders } from './provider.ts';

const MAX_WAIT_MS = 300_000;

/**
 * What a vendor asks us to wait, in milliseconds, at most five minutes; `null` when it does not say
 * or says it unreadably. Reads `retry-after-ms` and `retry-after` (seconds; dates are left unread,
 * since they need a clock the vendor's may not agree with).
 */
export function retryAfterMs(headers: ResponseHeaders): number | null {
  const milliseconds = positive(headers['retry-after-ms'], 1);
  return milliseconds ?? positive(headers['retry-after'], 1000);
}

/** The same for a duration as Google writes it (`34.4s`). */
export function durationMs(text: string): number | null {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text)?.[1];
  return seconds === undefined ? null : Math.min(Math.round(Number(seconds) * 1000), MAX_WAIT_MS);
}

function positive(value: string | readonly string[] | undefined, factor: number): number | null {
  const text = typeof value === 'string' ? value : value?.[0];
  if (text === undefined || !/^\d{1,12}(\.\d{1,6})?$/.test(text)) return null;
  return Math.min(Math.round(Number(text) * factor), MAX_WAIT_MS);
}
