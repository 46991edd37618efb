/** A time on the clocks of a zone. */
export interface TimeOfDay {
  /** `HH:MM`, from `00:00` to `23:59`. */
  readonly at: string;
  /** IANA name: `Asia/Shanghai`. */
  readonly zone: string;
}

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/** `HH:MM` in minutes since midnight; `null` when it is no time. */
export function minutesOf(at: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

/** Minutes since midnight on the clocks of a zone; `null` when there is no such zone. */
export function minuteOfDay(wallTimeMs: number, zone: string): number | null {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    return minutesOf(format.format(wallTimeMs));
  } catch {
    return null;
  }
}

/**
 * The beginning of the next minute at which it is that time, which may be the present one, in milliseconds since the Unix
 * epoch; where clocks are put forward over it, that much later. `null`: there is no such time or zone.
 */
export function nextMomentOf({ at, zone }: TimeOfDay, wallTimeMs: number): number | null {
  const wanted = minutesOf(at);
  const current = minuteOfDay(wallTimeMs, zone);
  if (wanted === null || current === null) return null;
  const ahead = (wanted - current + DAY_MINUTES) % DAY_MINUTES;
  const momentMs = wallTimeMs - (wallTimeMs % MINUTE_MS) + ahead * MINUTE_MS;
  const reached = minuteOfDay(momentMs, zone) ?? wanted;
  const off = ((wanted - reached + DAY_MINUTES * 1.5) % DAY_MINUTES) - DAY_MINUTES / 2;
  const corrected = momentMs + off * MINUTE_MS;
  return minuteOfDay(corrected, zone) === wanted ? corrected : momentMs;
}
