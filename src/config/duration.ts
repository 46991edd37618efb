const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest delay a timer of Node can wait. */
export const LONGEST_TIMER_MS = 2_147_483_647;
/** A hundred years: longer than anything is kept. */
export const LONGEST_PERIOD_MS = 36_525 * UNIT_MS.d;

/** What a duration looks like, for messages. */
export const DURATION_FORM = 'a number with its unit: 800ms, 2s, 10m, 1h, 30d';

/**
 * Milliseconds of a duration such as `800ms`, `2s`, `1.5s`, `10m`, `1h`, `30d`. `null` when the text is none:
 * no unit, zero, not a whole number of milliseconds, or longer than `longestMs`.
 */
export function parseDuration(text: string, longestMs: number = LONGEST_TIMER_MS): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return null;
  const durationMs = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return Number.isInteger(durationMs) && durationMs > 0 && durationMs <= longestMs ? durationMs : null;
}

/** The duration in the largest unit that gives a whole number: `90s`, `2m`; `0ms` for none. */
export function formatDuration(durationMs: number): string {
  const units = Object.entries(UNIT_MS).toReversed();
  const [unit, unitMs] = units.find(([, ms]) => durationMs >= ms && durationMs % ms === 0) ?? ['ms', 1];
  return `${durationMs / unitMs}${unit}`;
}
