import { hasCardIssuer, hasIbanChecksum, IBAN_LENGTHS, isLuhn } from './check-digits.ts';
import { findSecrets } from './secrets.ts';

/** What is looked for. */
export const PII_KINDS = ['email', 'phone', 'iban', 'card', 'ssn', 'secret'] as const;
export type PiiKind = (typeof PII_KINDS)[number];

/** One find in a text, in UTF-16 offsets, `end` excluded. */
export interface PersonalDatum {
  readonly kind: PiiKind;
  readonly start: number;
  readonly end: number;
  /** What it is compared by, without separators; never to be told. */
  readonly value: string;
}

type Finder = (text: string) => readonly Omit<PersonalDatum, 'kind'>[];

const EMAIL =
  /(?<![\w.%+-])[a-z0-9][\w.%+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}([a-z]{2,24})(?![\w-]|:[\w~/])/gi;
/** Names of nobody (RFC 2606, RFC 6761), and files whose names hold an `@`. */
const NO_MAIL_DOMAIN = /@(?:.*\.)?(?:example\.(?:com|org|net)|[^.]*\.?(?:example|test|invalid|localhost))$/i;
const FILE_ENDINGS = new Set(['png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'css', 'js', 'ts', 'json']);

const PHONE = /(?<![\w+.])\+[1-9](?:[ .\-\u00a0/]?(?:\(\d{1,4}\)|\d)){6,14}(?![\d%\w]|[.,]\d)/g;
/** Country codes of E.164 that are assigned, and what must follow: an area code of North America begins with no 0 or 1. */
const ASSIGNED_PHONE =
  /^(?:1[2-9]\d{2}[2-9]\d{6}$|7[3-9]\d{9}$|(?:2[07]|2[1-689]\d|3[0-469]|3[578]\d|4[013-9]|42\d|5[1-8]|5[09]\d|6[0-6]|6[789]\d|8[1246]|8[0578]\d|9[0-58]|9[679]\d)\d{6,12}$)/;

const IBAN_START = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[ \u00a0]?[A-Z0-9])/g;
const CARD =
  /(?<![\w.,+-]|\d )(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w+]|[-.,]\d| \d{2})/g;
/** The areas 000, 666 and 900 to 999, the group 00 and the serial number 0000 were never given out; two numbers stand in advertisements. */
const SSN = /(?<![\w.-])(?!000|666|9\d\d|078-05-1120|219-09-9999)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|\.\d)/g;

const FINDERS: Readonly<Record<PiiKind, Finder>> = {
  email: (text) =>
    matches(text, EMAIL, (found) => found.toLowerCase()).filter(({ value }) => {
      const ending = value.slice(value.lastIndexOf('.') + 1);
      return !NO_MAIL_DOMAIN.test(value) && !FILE_ENDINGS.has(ending);
    }),
  phone: (text) => matches(text, PHONE, digitsOf).filter(({ value }) => ASSIGNED_PHONE.test(value)),
  iban: findIbans,
  card: (text) => matches(text, CARD, digitsOf).filter(({ value }) => hasCardIssuer(value) && isLuhn(value)),
  ssn: (text) => matches(text, SSN, digitsOf),
  secret: findSecrets,
};

/** What of these kinds a text holds, in the order of the kinds. Recall is unknown: it finds what has a form of its own. */
export function findPersonalData(text: string, kinds: readonly PiiKind[]): readonly PersonalDatum[] {
  return kinds.flatMap((kind) => FINDERS[kind](text).map((found) => ({ kind, ...found })));
}

/** The last four characters of it; of keys that begin and end with words, and of addresses, none. */
export function masked({ kind, value }: PersonalDatum): string {
  return kind === 'secret' || kind === 'email' ? '****' : `****${value.slice(-4)}`;
}

function matches(
  text: string,
  pattern: RegExp,
  normal: (found: string) => string,
): readonly Omit<PersonalDatum, 'kind'>[] {
  return Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    value: normal(found),
  }));
}

/** Reads as many letters and digits as an IBAN of the country has, in groups or not. */
function findIbans(text: string): readonly Omit<PersonalDatum, 'kind'>[] {
  return Array.from(text.matchAll(IBAN_START)).flatMap(({ 0: head, index }) => {
    const length = IBAN_LENGTHS.get(head.slice(0, 2)) ?? 0;
    const run = /^(?:[A-Z0-9][ \u00a0]?){15,34}/.exec(text.slice(index))?.[0] ?? '';
    let end = 0;
    let value = '';
    while (end < run.length && value.length < length) {
      const character = run[end++] ?? '';
      if (/[A-Z0-9]/.test(character)) value += character;
    }
    const goesOn = /^[A-Za-z0-9]/.test(text.slice(index + end));
    return length > 0 && value.length === length && !goesOn && hasIbanChecksum(value)
      ? [{ start: index, end: index + end, value: value.toLowerCase() }]
      : [];
  });
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}
