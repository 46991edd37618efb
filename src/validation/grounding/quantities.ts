import { decimalsOf, shifted } from './decimal.ts';
import type { SpanSet } from './span-set.ts';

/** A number of a text, with its unit. */
export interface Quantity {
  /** Offsets in the normal text, `end` excluded. */
  readonly start: number;
  readonly end: number;
  /** What it may mean, as plain decimals. */
  readonly values: readonly string[];
  /** The two numbers it may be instead, where only a space joins them: `12 500`. */
  readonly parts: readonly string[];
  /** One word for each unit, however it is written; `null`: it has none that is known. */
  readonly unit: string | null;
  /** Whether a word such as "about" stands before it. */
  readonly isApproximate: boolean;
}

const NUMBER =
  /(?<![\p{L}\p{N}_])(?<!\p{L}-)(?<!\d[.,])(?:\d{1,3}(?:[ ']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)(?:(?:st|nd|rd|th)(?![\p{L}\d]))?/gu;
const SCALES: readonly (readonly [RegExp, number])[] = [
  [/^\s?(?:k(?![\p{L}\d])|thousand(?!\p{L})|tausend(?!\p{L})|Tsd\.?)/u, 3],
  [/^\s?(?:million(?:s|en)?(?!\p{L})|Mio\.?|mn(?!\p{L}))/iu, 6],
  [/^\s?(?:billion(?:s)?(?!\p{L})|bn(?!\p{L})|Mrd\.?|Milliarden?(?!\p{L}))/iu, 9],
  [/^\s?(?:trillion(?:s)?(?!\p{L})|tn(?!\p{L})|Billionen(?!\p{L}))/u, 12],
];
const CURRENCY_BEFORE = /(?:US\$|[$€£¥]|(?<!\p{L})(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD))\s?$/u;
/** What may stand behind a number, by the one word for it. */
const UNITS: Readonly<Record<string, string>> = {
  '%': '% percent pct prozent v.h.',
  pp: 'pp prozentpunkte prozentpunkten',
  usd: '$ us$ usd dollar dollars',
  eur: '€ eur euro euros',
  gbp: '£ gbp pounds',
  chf: 'chf francs franken',
  jpy: '¥ jpy yen',
  ms: 'ms milliseconds millisecond',
  s: 's sec second seconds sekunde sekunden',
  min: 'min minute minutes minuten',
  h: 'h hour hours hrs stunde stunden',
  day: 'day days tag tage tagen',
  week: 'week weeks woche wochen',
  month: 'month months monat monate monaten',
  year: 'year years yrs jahr jahre jahren',
  km: 'km kilometers kilometres kilometer',
  m: 'm meter meters metre metres',
  cm: 'cm centimeters centimetres zentimeter',
  mm: 'mm millimeters millimetres millimeter',
  mile: 'mile miles',
  kg: 'kg kilograms kilogram kilogramm',
  g: 'g grams gram gramm',
  mg: 'mg milligrams milligram milligramm',
  t: 't tonnes tons tonnen',
  l: 'l liters litres liter litre',
  ml: 'ml milliliters millilitres milliliter',
  kb: 'kb kilobytes',
  mb: 'mb megabytes',
  gb: 'gb gigabytes',
  tb: 'tb terabytes',
  kw: 'kw kilowatts kilowatt',
  mw: 'mw megawatts megawatt',
  kwh: 'kwh',
  mwh: 'mwh',
  '°c': '°c',
  '°f': '°f',
};
const UNIT_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(UNITS).flatMap(([unit, spellings]) =>
    spellings.split(' ').map((spelling) => [spelling, unit] as const),
  ),
);
const UNIT_BEHIND = /^[\s-]?(per\s?cent(?:age points?)?|percentage points?|US\$|[%$€£¥]|°[CF]|\p{L}{1,14})(?![\p{L}])/u;
const APPROXIMATE =
  /(?:(?<!\p{L})(?:about|around|approximately|approx\.?|roughly|nearly|almost|over|more than|under|less than|at least|up to|circa|ca\.?|rund|etwa|knapp|fast|über|mehr als|ungefähr)|[~≈])\s*(?:US\$|[$€£¥])?\s?$/iu;

/** Whether the word is a unit: one of a currency looks like a name. */
export function isUnit(word: string): boolean {
  return UNIT_OF.has(word.toLowerCase());
}

/** The numbers of a text of one spelling. Figures within words and names (`GPT-4`, `H2O`) are none; a sign is not read, since it may be a dash. */
function quantitiesIn(text: string): readonly Quantity[] {
  return [...text.matchAll(NUMBER)].map((match) => {
    const start = match.index;
    const digits = match[0].replace(/(?:st|nd|rd|th)$/, '');
    const before = text.slice(Math.max(0, start - 24), start);
    const behindAt = start + match[0].length;
    const behind = text.slice(behindAt, behindAt + 40);
    const currency = CURRENCY_BEFORE.exec(before)?.[0].trim().toLowerCase();
    const scale = scaleOf(behind, currency !== undefined);
    const unit = currency === undefined ? unitBehind(behind.slice(scale.length)) : (UNIT_OF.get(currency) ?? currency);
    return {
      start,
      end: behindAt + scale.length,
      values: decimalsOf(digits).map((value) => (/^\d+(?:\.\d+)?$/.test(value) ? shifted(value, scale.places) : value)),
      parts: scale.length === 0 && /\d \d/.test(digits) ? digits.split(' ').flatMap(decimalsOf) : [],
      unit,
      isApproximate: APPROXIMATE.test(before),
    };
  });
}

/** The numbers that are no part of one of these, in their order. */
export function quantitiesOutside(text: string, spans: SpanSet): readonly Quantity[] {
  return quantitiesIn(text).filter((quantity) => !spans.overlaps(quantity));
}

function scaleOf(behind: string, isMoney: boolean): { readonly places: number; readonly length: number } {
  for (const [pattern, places] of SCALES) {
    const match = pattern.exec(behind);
    if (match !== null) return { places, length: match[0].length };
  }
  // Behind money `m` are millions, elsewhere metres.
  const isMillion = isMoney && /^m(?!\p{L})/u.test(behind);
  return isMillion ? { places: 6, length: 1 } : { places: 0, length: 0 };
}

function unitBehind(behind: string): string | null {
  const written = UNIT_BEHIND.exec(behind)?.[1]?.toLowerCase();
  if (written === undefined) return null;
  if (written.includes('point')) return 'pp';
  return written.startsWith('per') ? '%' : (UNIT_OF.get(written) ?? null);
}
