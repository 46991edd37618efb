/** Hours of a week, on the clocks of a zone. */
export interface PriceWindow {
  /** IANA name: `Asia/Shanghai`. */
  readonly zone: string;
  /** ISO weekdays, 1 for Monday. */
  readonly weekdays: readonly number[];
  /** From and until, `HH:MM`; until midnight is `24:00`. */
  readonly hours: readonly (readonly [string, string])[];
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether the time (milliseconds since the Unix epoch) lies in the window. */
export function holdsAt({ zone, weekdays, hours }: PriceWindow, wallTimeMs: number): boolean {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(wallTimeMs).map(({ type, value }) => [type, value]));
  if (!weekdays.includes(WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1)) return false;
  const time = `${parts.get('hour') ?? ''}:${parts.get('minute') ?? ''}`;
  return hours.some(([from, until]) => time >= from && time < until);
}

/** The window in words: `Asia/Shanghai Mon-Fri 09:00-12:00 14:00-18:00`. */
export function windowText({ zone, weekdays, hours }: PriceWindow): string {
  const names = weekdays.map((day) => WEEKDAYS[day - 1] ?? '');
  const isRow = weekdays.every((day, index) => index === 0 || day === (weekdays[index - 1] ?? 0) + 1);
  const days = isRow && names.length > 2 ? `${names[0] ?? ''}-${names.at(-1) ?? ''}` : names.join(',');
  return `${zone} ${days} ${hours.map(([from, until]) => `${from}-${until}`).join(' ')}`;
}
