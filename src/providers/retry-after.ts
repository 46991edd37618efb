import type { ResponseHeaders } from './provider.ts';

const MAX_WAIT_MS = 300_000;

/**
 * What a vendor asks us to wait, in milliseconds, at most five minutes; `null` when it does not say or
 * says it unreadably. In this order: `retry-after-ms`; `retry-after` in seconds, or as a date; and of the
 * limits it counts, each with what remains and when it is renewed, the last to be renewed of those with
 * nothing left (OpenAI: `x-ratelimit-reset-tokens: 6m0s`; Anthropic: `anthropic-ratelimit-tokens-reset`, a
 * date). Dates are compared with the answer's own `date`: the vendor's clock need not agree with ours.
 */
export function retryAfterMs(headers: ResponseHeaders): number | null {
  return (
    positive(headers['retry-after-ms'], 1) ??
    positive(headers['retry-after'], 1000) ??
    untilDate(text(headers['retry-after']), headers) ??
    untilRenewal(headers)
  );
}

/** The same for a duration as Google writes it (`34.4s`). */
export function durationMs(duration: string): number | null {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration)?.[1];
  return seconds === undefined ? null : Math.min(Math.round(Number(seconds) * 1000), MAX_WAIT_MS);
}

const LIMIT = /^(?:x-ratelimit-(remaining|reset)-(\w+)|anthropic-ratelimit-([\w-]+)-(remaining|reset))$/;

function untilRenewal(headers: ResponseHeaders): number | null {
  const remaining = new Map<string, string>();
  const resets = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const [, theirWord, theirLimit, limit = theirLimit, word = theirWord] = LIMIT.exec(name) ?? [];
    const said = text(value);
    if (limit === undefined || said === null) continue;
    (word === 'remaining' ? remaining : resets).set(limit, said);
  }
  const waits = [...resets].flatMap(([limit, reset]) => {
    if (remaining.get(limit) !== '0') return [];
    return clockTime(reset) ?? untilDate(reset, headers) ?? [];
  });
  return waits.length === 0 ? null : Math.max(...waits);
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go prints it: `1h2m3.5s`, `6m0s`, `12ms`. */
function clockTime(duration: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(duration)) return null;
  let sum = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(h|ms|m|s)/g))
    sum += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return Math.min(Math.round(sum), MAX_WAIT_MS);
}

/** An HTTP date, or one of RFC 3339. */
const DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))$/;

function untilDate(date: string | null, headers: ResponseHeaders): number | null {
  const now = Date.parse(text(headers['date']) ?? '');
  if (date === null || !DATE.test(date) || Number.isNaN(now)) return null;
  const wait = Date.parse(date) - now;
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), MAX_WAIT_MS);
}

function text(value: string | readonly string[] | undefined): string | null {
  return (typeof value === 'string' ? value : value?.[0]) ?? null;
}

function positive(value: string | readonly string[] | undefined, factor: number): number | null {
  const said = text(value);
  if (said === null || !/^\d{1,12}(\.\d{1,6})?$/.test(said)) return null;
  return Math.min(Math.round(Number(said) * factor), MAX_WAIT_MS);
}
