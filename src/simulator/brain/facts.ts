import { stemsOf } from './text.ts';

/** Something the text says that can fill a field. */
export interface Fact {
  /** As it is written. */
  readonly text: string;
  /** Where it stands in the text. */
  readonly at: number;
}

export interface NumberFact extends Fact {
  readonly value: number;
  /** ISO 4217 code when it is an amount of money. */
  readonly currency: string | null;
  readonly isPercent: boolean;
  /** The word that follows, where the number counts things. */
  readonly counted: string | null;
}

export interface DateFact extends Fact {
  /** `YYYY-MM-DD`. */
  readonly iso: string;
}

export interface LabelledFact extends Fact {
  readonly label: string;
}

/** What a text says, by kind, each in the order of the text. */
export interface Facts {
  readonly text: string;
  /** The stems of the text between single spaces, for looking words up. */
  readonly stemmed: string;
  readonly numbers: readonly NumberFact[];
  readonly dates: readonly DateFact[];
  readonly times: readonly Fact[];
  readonly emails: readonly Fact[];
  readonly urls: readonly Fact[];
  readonly phones: readonly Fact[];
  readonly identifiers: readonly LabelledFact[];
  readonly labelled: readonly LabelledFact[];
  readonly names: readonly Fact[];
  readonly quoted: readonly Fact[];
}

const CURRENCY_SIGNS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  $: 'USD',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
};
const CURRENCY_WORDS: Readonly<Record<string, string>> = {
  euro: 'EUR',
  euros: 'EUR',
  dollar: 'USD',
  dollars: 'USD',
  pound: 'GBP',
  pounds: 'GBP',
  yen: 'JPY',
  yuan: 'CNY',
  francs: 'CHF',
  rupees: 'INR',
};
const CURRENCY_CODES =
  'EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|INR|AUD|CAD|NZD|BRL|MXN|KRW|TRY|SGD|HKD|ZAR|AED';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const NAME_WORD = "\\p{Lu}[\\p{L}\\p{N}'’&-]*";

/** Finds what the text says. */
export function findFacts(text: string): Facts {
  const dates = findDates(text);
  const emails = matches(text, /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g);
  const urls = matches(text, /\bhttps?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;]/g);
  const phones = matches(text, /(?<![\w.])\+?\d[\d ()/-]{7,16}\d(?!\w)/g).filter(
    (phone) => !dates.some((date) => overlaps(date, phone)) && /[ ()/+-]/.test(phone.text),
  );
  const taken = [...dates, ...emails, ...urls, ...phones];
  return {
    text,
    stemmed: ` ${stemsOf(text).join(' ')} `,
    dates,
    emails,
    urls,
    phones,
    numbers: findNumbers(text).filter((number) => !taken.some((other) => overlaps(other, number))),
    times: matches(text, /\b(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?\b/g),
    identifiers: findIdentifiers(text),
    labelled: findLabelled(text),
    names: findNames(text),
    quoted: findQuoted(text),
  };
}

function matches(text: string, pattern: RegExp): Fact[] {
  return [...text.matchAll(pattern)].map((match) => ({ text: match[0].trim(), at: match.index }));
}

function findQuoted(text: string): Fact[] {
  return [...text.matchAll(/"([^"\n]{1,120})"|“([^”\n]{1,120})”|«([^»\n]{1,120})»/g)].map((match) => ({
    text: match[1] ?? match[2] ?? match[3] ?? '',
    at: match.index + 1,
  }));
}

function overlaps(left: Fact, right: Fact): boolean {
  return left.at < right.at + right.text.length && right.at < left.at + left.text.length;
}

function findNumbers(text: string): NumberFact[] {
  const sign = Object.keys(CURRENCY_SIGNS).join('');
  const pattern = new RegExp(
    `(?:(?<code>\\b(?:${CURRENCY_CODES}))\\s?|(?<sign>[${sign}])\\s?)?(?<!\\p{L}[\\d.-]{0,8}|\\d[.,])(?<number>-?\\d+(?:[.,'’]\\d+)*)` +
      `(?:\\s?(?<unit>%|percent\\b|[${sign}]|(?:${CURRENCY_CODES})\\b|(?:${Object.keys(CURRENCY_WORDS).join('|')})\\b)|\\s(?<counted>\\p{Ll}{3,}))?`,
    'gu',
  );
  return [...text.matchAll(pattern)].flatMap((match) => {
    const { code, sign: before, number = '', unit, counted } = match.groups ?? {};
    const value = readNumber(number);
    if (value === null) return [];
    const currency = code ?? (before === undefined ? currencyOf(unit) : (CURRENCY_SIGNS[before] ?? null));
    const isPercent = unit === '%' || unit === 'percent';
    return [
      {
        text: number,
        at: match.index + match[0].indexOf(number),
        value,
        currency,
        isPercent,
        counted: counted !== undefined && stemsOf(counted).length > 0 ? counted : null,
      },
    ];
  });
}

function currencyOf(unit: string | undefined): string | null {
  if (unit === undefined || unit === '%' || unit === 'percent') return null;
  return CURRENCY_SIGNS[unit] ?? CURRENCY_WORDS[unit] ?? unit;
}

/** Reads a number in English or continental writing: `1,234.50`, `1.234,50`, `12,5`. */
function readNumber(written: string): number | null {
  const plain = written.replace(/['’]/g, '');
  const lastComma = plain.lastIndexOf(',');
  const lastDot = plain.lastIndexOf('.');
  const isDecimalComma = lastComma > lastDot && !/^-?\d{1,3}(?:,\d{3})+$/.test(plain);
  const normal = isDecimalComma ? plain.replace(/\./g, '').replace(',', '.') : plain.replace(/,/g, '');
  const value = Number(normal);
  return Number.isFinite(value) ? value : null;
}

function findDates(text: string): DateFact[] {
  const found: DateFact[] = [];
  const collect = (pattern: RegExp, read: (parts: readonly string[]) => readonly [string, string, string]): void => {
    for (const match of text.matchAll(pattern)) {
      const iso = isoDate(...read(match.slice(1).map((part) => part ?? '')));
      if (iso !== null) found.push({ text: match[0], at: match.index, iso });
    }
  };
  collect(/\b(\d{4})-(\d{2})-(\d{2})\b/g, ([year = '', month = '', day = '']) => [year, month, day]);
  collect(/\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b/g, ([first = '', second = '', year = '']) =>
    Number(second) > 12 ? [year, first, second] : [year, second, first],
  );
  collect(
    new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\.?\\s+(?:of\\s+)?${MONTH},?\\s+(\\d{4})\\b`, 'gi'),
    ([day = '', month = '', year = '']) => [year, month, day],
  );
  collect(
    new RegExp(`\\b${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})\\b`, 'gi'),
    ([month = '', day = '', year = '']) => [year, month, day],
  );
  return found.toSorted((left, right) => left.at - right.at);
}

function isoDate(year: string, month: string, day: string): string | null {
  const named = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  const iso = `${year}-${String(named === -1 ? Number(month) : named + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso ? null : iso;
}

function findIdentifiers(text: string): LabelledFact[] {
  const pattern =
    /\b(invoice|order|case|ticket|receipt|contract|policy|account|customer|claim|reference|ref|number|no|id|sku|article|part|room|flight|purchase order|po)\b\.?\s*(?:no\b\.?|number\b|id\b|#|is\b|:)*\s*#?([A-Z]{0,6}-?\d[\w/-]*)/gi;
  return [...text.matchAll(pattern)].map((match) => ({
    text: match[2] ?? '',
    at: match.index + match[0].lastIndexOf(match[2] ?? ''),
    label: (match[1] ?? '').toLowerCase(),
  }));
}

function findLabelled(text: string): LabelledFact[] {
  const pattern =
    /(?:^|[\n;,]|\.\s)\s*[-*]?\s*([\p{L}][\p{L}\p{N} _/-]{0,40}?)\s*[:=]\s*([^\n;]+?)(?=\s*(?:$|[\n;]|,\s*[\p{L}][\p{L} _-]{0,30}[:=]|\.\s|\.$))/gu;
  return [...text.matchAll(pattern)].map((match) => ({
    text: (match[2] ?? '').trim(),
    at: match.index,
    label: match[1] ?? '',
  }));
}

function findNames(text: string): Fact[] {
  const pattern = new RegExp(
    `${NAME_WORD}(?:\\s+(?:(?:of|and|de|van|von|der|&)\\s+)?${NAME_WORD}|,?\\s+(?:Inc|Ltd|GmbH|LLC|Co|Corp|AG)\\b\\.?)*`,
    'gu',
  );
  return matches(text, pattern).flatMap((fact) => {
    const isOpening = /(?:^|[.!?:\n]["']?\s*)$/.test(text.slice(Math.max(0, fact.at - 4), fact.at));
    const isSubject = OPENING_SUBJECT.test(text.slice(fact.at + fact.text.length));
    const trimmed = isOpening ? withoutOpeningWord(fact, isSubject) : fact;
    return trimmed === null || NOT_NAMES.test(trimmed.text) ? [] : [trimmed];
  });
}

const NOT_NAMES = new RegExp(
  `^(?:I|${CURRENCY_CODES}|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|${MONTH}|JSON|Mr|Mrs|Ms|Dr)$`,
  'iu',
);

/** A capital at the start of a sentence says little: a lone word is a name only where a person's verb follows, the first of several may be none. */
function withoutOpeningWord(fact: Fact, isSubject: boolean): Fact | null {
  const [first = '', ...rest] = fact.text.split(/\s+/);
  if (rest.length === 0) return isSubject && !COMMON_OPENINGS.test(first) ? fact : null;
  if (!COMMON_OPENINGS.test(first)) return fact;
  const text = rest.join(' ').replace(/^(?:of|and|de|&)\s+/, '');
  return { text, at: fact.at + fact.text.lastIndexOf(text) };
}

const OPENING_SUBJECT = /^\s+(?:is|was|has|had|lives|works|wrote|says?|said|ordered|bought|owns|and\s+\p{Lu})\b/u;
const COMMON_OPENINGS =
  /^(?:The|A|It|He|She|We|You|They|There|I|Everything|Nothing|Everyone|Someone|Today|An|In|On|At|From|To|By|For|With|And|But|When|What|Who|Where|Why|How|Is|Are|Was|Were|Did|Does|Do|Can|Please|My|Our|Your|His|Her|Their|This|That|These|Those|Invoice|Order|Case|Dear|Hi|Hello|Meet|Ask|Tell|Email|Call|Mr|Mrs|Ms|Dr|Extract|Summari[sz]e|Write|Book|Compare|Contact|Customer|Name|Total|Date)$/;
