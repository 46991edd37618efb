/** Digits that every double keeps, and digits that tell every double from its neighbours (IEEE 754). */
const KEPT_DIGITS = 15;
const TELLING_DIGITS = 17;

/**
 * Whether a number written as JSON keeps its value when a program reads it into a double and writes
 * it again. Not so: `12345678901234567890`, `1e400`, `1e-400`, `-0`.
 */
export function isExactNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  if (String(value) === text) return true;
  const written = decimal(text);
  if (written.digits === '') return !text.startsWith('-');
  if (value === 0) return false;
  if (written.digits.length <= KEPT_DIGITS) return true;
  const kept = decimal(String(value));
  if (kept.digits === written.digits && kept.exponent === written.exponent) return true;
  // A long spelling of a fraction is still the same double; an identifier with other digits is another one.
  return !Number.isInteger(value) && written.digits.length <= TELLING_DIGITS;
}

/** Significant digits without zeros at either end, and the power of ten of the last one. */
function decimal(text: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const short = withoutTrailingZeros(digits);
  return { digits: short, exponent: Number(exponent) - fraction.length + digits.length - short.length };
}

function withoutTrailingZeros(digits: string): string {
  // Not a regular expression: it would try again at each of a million zeros that are followed by a one.
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}
