/** What a number may be of, by how it is written. */
const UNITS: Readonly<Record<string, string>> = {
  $: 'usd',
  '€': 'eur',
  '£': 'gbp',
  '¥': 'jpy',
  '%': '%',
  usd: 'usd',
  eur: 'eur',
  gbp: 'gbp',
  jpy: 'jpy',
  chf: 'chf',
};
const UNIT = '[$€£¥%]|usd|eur|gbp|jpy|chf';
const NUMBER = new RegExp(
  `^(${UNIT})? ?([-+]?(?:\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d*)?|\\.\\d+)) ?(${UNIT})?$`,
);

interface Quantity {
  readonly value: number;
  /** `null`: it does not say. */
  readonly unit: string | null;
}

/**
 * Whether two values say the same: texts but for forms of letters, case, spaces, quotes around them and full stops at their
 * end; numbers by their value, also where one is written in a text, with commas between its thousands. A unit counts
 * where both name one: `$1,200.50` is `1200.5`, and `3 EUR` is not `3 USD`.
 */
export function isSameValue(one: string | number | boolean | null, other: string | number | boolean | null): boolean {
  if (typeof one === 'boolean' || typeof other === 'boolean' || one === null || other === null) return one === other;
  const [here, there] = [plainText(String(one)), plainText(String(other))];
  if (here === there) return true;
  const [ours, theirs] = [quantityOf(here), quantityOf(there)];
  if (ours === null || theirs === null || ours.value !== theirs.value) return false;
  return ours.unit === null || theirs.unit === null || ours.unit === theirs.unit;
}

function plainText(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll('−', '-').replaceAll(/\s+/g, ' ').trim();
  return plain.replaceAll(/^["'“”‘’`*]+|["'“”‘’`*.]+$/g, '').trim();
}

function quantityOf(text: string): Quantity | null {
  const [, before, digits = '', after] = NUMBER.exec(text) ?? [];
  const value = Number(digits.replaceAll(',', ''));
  // Beyond this the digits say more than the number.
  if (digits === '' || !Number.isSafeInteger(Math.trunc(value)) || (before !== undefined && after !== undefined))
    return null;
  return { value, unit: UNITS[before ?? after ?? ''] ?? null };
}
