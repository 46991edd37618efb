/** What a number may mean, as plain decimals: `1,234.50` is 1234.5; `1,234` is 1234 or 1.234; what is no number, such as a version, is itself. */
export function decimalsOf(written: string): readonly string[] {
  const text = written.replace(/[\s']/g, '');
  const marks = text.match(/[.,]/g) ?? [];
  const [first] = marks;
  if (first === undefined) return [plain(text, '')];
  const last = marks.at(-1) ?? first;
  const at = text.lastIndexOf(last);
  const [whole, fraction] = [text.slice(0, at), text.slice(at + 1)];
  if (marks.length === 1) {
    const decimal = plain(whole, fraction);
    return fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole) ? [decimal, plain(whole + fraction, '')] : [decimal];
  }
  const isGrouped = (digits: string): boolean => /^\d{1,3}(?:[.,]\d{3})+$/.test(digits);
  if (marks.every((mark) => mark === first)) return isGrouped(text) ? [plain(text.replace(/[.,]/g, ''), '')] : [text];
  const isOneDecimal = marks.filter((mark) => mark === last).length === 1 && isGrouped(whole);
  return isOneDecimal ? [plain(whole.replace(/[.,]/g, ''), fraction)] : [text];
}

/** The decimal times ten to the power of `places`. */
export function shifted(decimal: string, places: number): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = fraction.padEnd(places, '0');
  return plain(whole + digits.slice(0, places), digits.slice(places));
}

function plain(whole: string, fraction: string): string {
  const kept = fraction.replace(/0+$/, '');
  const bare = whole.replace(/^0+(?=\d)/, '');
  return kept === '' ? bare : `${bare === '' ? '0' : bare}.${kept}`;
}
