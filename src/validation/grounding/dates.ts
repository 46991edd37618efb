/** A date or a time of day of a text. */
export interface DateMention {
  /** Offsets in the normal text, `end` excluded. */
  readonly start: number;
  readonly end: number;
  /** What it may mean: `2024-03-05`, `2024-03`, `--03-05`, `14:30`. */
  readonly keys: readonly string[];
}

const MONTHS: readonly (readonly string[])[] = [
  ['january', 'jan', 'januar', 'jänner'],
  ['february', 'feb', 'februar'],
  ['march', 'mar', 'märz'],
  ['april', 'apr'],
  ['may', 'mai'],
  ['june', 'jun', 'juni'],
  ['july', 'jul', 'juli'],
  ['august', 'aug'],
  ['september', 'sep', 'sept'],
  ['october', 'oct', 'oktober', 'okt'],
  ['november', 'nov'],
  ['december', 'dec', 'dezember', 'dez'],
];
const MONTH_OF: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((names, index) => names.map((name) => [name, index + 1] as const)),
);
/** With a capital, since "may" and "mar" are words without. */
const MONTH = [...MONTH_OF.keys()]
  .toSorted((one, other) => other.length - one.length)
  .flatMap((name) => [name.charAt(0).toUpperCase() + name.slice(1), name.toUpperCase()])
  .join('|');
const DATE = new RegExp(
  [
    '(?<isoYear>\\d{4})-(?<isoMonth>\\d{2})(?:-(?<isoDay>\\d{2}))?(?=T|(?![\\d-]))',
    `(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+)?(?<month>${MONTH})(?!\\p{L})\\.?(?:,?\\s+(?<year>\\d{4})(?!\\d))?`,
    `(?<usMonth>${MONTH})(?!\\p{L})\\.?\\s+(?<usDay>\\d{1,2})(?:st|nd|rd|th)?(?!\\d)(?:,?\\s+(?<usYear>\\d{4})(?!\\d))?`,
    `(?<loneMonth>${MONTH})(?!\\p{L})\\.?,?\\s+(?:of\\s+)?(?<loneYear>\\d{4})(?!\\d)`,
    '(?<one>\\d{1,2})(?<mark>[./-])(?<other>\\d{1,2})\\k<mark>(?<numberYear>\\d{4})(?!\\d)',
    '(?<hour>[01]?\\d|2[0-3]):(?<minute>[0-5]\\d)(?::[0-5]\\d)?(?:\\s?(?<half>[apAP])(?:\\.[mM]\\.|[mM]\\b))?(?!\\d)',
  ]
    .map((form) => `(?<![\\p{L}\\d.,:/])${form}`)
    .join('|')
    // A time may follow the date it belongs to.
    .replace('(?<![\\p{L}\\d.,:/])(?<hour>', '(?<![\\d.,:/])(?<hour>'),
  'gu',
);

/** The dates and times of day of a text of one spelling, in English and German, written out or in figures. */
export function datesIn(text: string): readonly DateMention[] {
  return [...text.matchAll(DATE)].flatMap((match) => {
    const keys = keysOf(match.groups ?? {});
    return keys.length === 0 ? [] : [{ start: match.index, end: match.index + match[0].length, keys }];
  });
}

/** What else a date says: its month and its day alone. */
export function partsOfDate(key: string): readonly string[] {
  const [, year, month, day] = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(key) ?? [];
  if (year === undefined) return [key];
  return day === undefined ? [key] : [key, `${year}-${month}`, `--${month}-${day}`];
}

function keysOf(found: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { hour, minute, half, one, other, numberYear, mark } = found;
  if (hour !== undefined) {
    const afternoon = half?.toLowerCase() === 'p' && Number(hour) < 12 ? 12 : 0;
    const midnight = half?.toLowerCase() === 'a' && Number(hour) === 12 ? -12 : 0;
    return [`${two(Number(hour) + afternoon + midnight)}:${minute}`];
  }
  if (one !== undefined) {
    const dayFirst = keyOf(numberYear, Number(other), one);
    const monthFirst = mark === '/' ? keyOf(numberYear, Number(one), other) : [];
    return [...new Set([...dayFirst, ...monthFirst])];
  }
  if (found['isoYear'] !== undefined) return keyOf(found['isoYear'], Number(found['isoMonth']), found['isoDay']);
  const month = MONTH_OF.get((found['month'] ?? found['usMonth'] ?? found['loneMonth'] ?? '').toLowerCase()) ?? 0;
  return keyOf(found['year'] ?? found['usYear'] ?? found['loneYear'], month, found['day'] ?? found['usDay']);
}

function keyOf(year: string | undefined, month: number, day: string | undefined): readonly string[] {
  if (month < 1 || month > 12 || (day !== undefined && (Number(day) < 1 || Number(day) > 31))) return [];
  const rest = day === undefined ? two(month) : `${two(month)}-${two(Number(day))}`;
  return [year === undefined ? `--${rest}` : `${year}-${rest}`];
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
