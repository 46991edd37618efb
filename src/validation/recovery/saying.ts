import { lenientTokens, type LenientToken } from './lenient-tokens.ts';

const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
/** What may be spelt differently in strings that mean the same, as far as a repair goes. */
const SPELLING = /\\(?=["'])|\s/g;
const PUNCTUATION = /[{}[\]:,]/g;

/**
 * What JSON-like text says apart from how it is written: its brackets, names and values, in order. Two
 * texts that say the same differ in quotes, escapes, commas and comments only.
 * @returns `null` for text that holds a value of which it is not clear what it is
 */
export function sayingOf(text: string): string | null {
  const said: string[] = [];
  const open: string[] = [];
  let before: LenientToken['kind'] = 'comma';
  for (const token of lenientTokens(text) ?? []) {
    const written = text.slice(token.start, token.end);
    const words = isText(token.kind) ? wordsOf(written, token.kind, placeOf(before, open.at(-1))) : written;
    if (words === null) return null;
    // Where a value is left out nobody knows which.
    if (token.kind === 'comma' && (before === 'comma' || before === 'open') && open.length > 0) return null;
    if (token.kind === 'open') open.push(written);
    if (token.kind === 'close') open.pop();
    // A string that goes on after its quote holds that quote.
    if (before === 'string' && isText(token.kind)) said.push('"');
    if (token.kind !== 'comma') said.push(words);
    before = token.kind;
  }
  return said.join('');
}

function isText(kind: LenientToken['kind']): kind is 'string' | 'bare' {
  return kind === 'string' || kind === 'bare';
}

/** What comes next: a member's name, a value, or more of what came before. */
type Place = 'name' | 'value' | 'rest';

function placeOf(before: LenientToken['kind'], bracket: string | undefined): Place {
  if (before === 'colon') return 'value';
  if (before !== 'open' && before !== 'comma') return 'rest';
  return bracket === '{' ? 'name' : 'value';
}

function wordsOf(written: string, kind: 'string' | 'bare', place: Place): string | null {
  if (kind === 'string') {
    // Punctuation that is text must not pass for punctuation, nor a string for a number.
    const content = written.slice(1, -1).replace(SPELLING, '').replace(PUNCTUATION, '\u0001$&');
    return `${{ name: '', value: '\u0002', rest: '"' }[place]}${content}`;
  }
  if (place !== 'value') return written;
  return SCALAR.test(written) ? `\u0003${written}` : null;
}
