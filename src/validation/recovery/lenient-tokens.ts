/** One token of text that means to be JSON. `bare`: whatever stands outside strings and is no punctuation. */
export interface LenientToken {
  readonly kind: 'open' | 'close' | 'comma' | 'colon' | 'string' | 'bare';
  /** Offset of its first character, and of the one after its last. */
  readonly start: number;
  readonly end: number;
}

const PUNCTUATION: ReadonlyMap<string, LenientToken['kind']> = new Map([
  ['{', 'open'],
  ['[', 'open'],
  ['}', 'close'],
  [']', 'close'],
  [',', 'comma'],
  [':', 'colon'],
]);
const SPACE = /\s/;
/** What may follow the end of a string. */
const AFTER_STRING = new Set([undefined, ',', ':', '}', ']']);

/**
 * The next token at or after an offset, by JSON's rules but for this: strings may hold raw control
 * characters and may be in single quotes, and there may be comments. Of right JSON the tokens are JSON's own.
 * @returns `null` at the end of the text; `'unclosed'` where a string or a comment begins that never ends
 */
export function nextToken(text: string, offset: number): LenientToken | 'unclosed' | null {
  const start = skipSpace(text, offset);
  if (start === null) return 'unclosed';
  const first = text[start];
  if (first === undefined) return null;
  const kind = PUNCTUATION.get(first);
  if (kind !== undefined) return { kind, start, end: start + 1 };
  if (first === '"' || first === "'") {
    const end = endOfString(text, start, first);
    return end === null ? 'unclosed' : { kind: 'string', start, end };
  }
  let end = start + 1;
  while (end < text.length && !isEndOfBare(text[end] as string)) end++;
  return { kind: 'bare', start, end };
}

/** All tokens of a text. @returns `null` when a string or a comment in it never ends */
export function lenientTokens(text: string): readonly LenientToken[] | null {
  const tokens: LenientToken[] = [];
  for (let offset = 0; ;) {
    const token = nextToken(text, offset);
    if (token === 'unclosed') return null;
    if (token === null) return tokens;
    tokens.push(token);
    offset = token.end;
  }
}

/** The first offset that is neither white space nor comment; `null` when a comment never ends. */
function skipSpace(text: string, offset: number): number | null {
  let at = offset;
  for (;;) {
    while (at < text.length && SPACE.test(text[at] as string)) at++;
    const [terminator, length] = text.startsWith('//', at)
      ? ['\n', 1]
      : text.startsWith('/*', at)
        ? ['*/', 2]
        : ['', 0];
    if (length === 0) return at;
    const end = text.indexOf(terminator, at + 2);
    if (end < 0) return null;
    at = end + length;
  }
}

/** A single quote ends a string only before what may follow one: apostrophes do not. */
function endOfString(text: string, start: number, quote: '"' | "'"): number | null {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote && (quote === '"' || isAtEndOfValue(text, at + 1))) return at + 1;
  }
  return null;
}

function isAtEndOfValue(text: string, offset: number): boolean {
  let at = offset;
  while (at < text.length && SPACE.test(text[at] as string)) at++;
  return AFTER_STRING.has(text[at]);
}

function isEndOfBare(character: string): boolean {
  return character === '"' || PUNCTUATION.has(character) || SPACE.test(character);
}
