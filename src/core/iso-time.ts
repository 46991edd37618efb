/** ISO 8601 with a zone, or a day alone, which begins in UTC. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** What such a time looks like, for messages. */
export const ISO_TIME_FORM = 'an ISO time with its zone such as 2026-11-22T14:00:00Z, or a day';

/** Milliseconds since the Unix epoch of a time such as `2026-11-22T14:00:00Z` or `2026-11-22`; `null` when the text is none. */
export function parseIsoTime(text: string): number | null {
  const timeMs = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? null : timeMs;
}
