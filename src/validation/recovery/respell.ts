import { lenientTokens, type LenientToken } from './lenient-tokens.ts';

const PYTHON_WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);
const ESCAPED_OR_QUOTE = /\\[^]|"/g;

/** The text as JSON spells what needs no guess: double quotes, no comma after the last item, `true` for Python's `True`. */
export function respell(text: string): string {
  const tokens = lenientTokens(text) ?? [];
  return rewritten(text, tokens, (token, index) => {
    const written = text.slice(token.start, token.end);
    const before = tokens[index - 1]?.kind;
    const after = tokens[index + 1]?.kind;
    if (token.kind === 'comma') return after === 'close' && isItemEnd(before) ? '' : written;
    if (token.kind === 'string' && written.startsWith("'")) return doubleQuoted(written);
    const isWord = token.kind === 'bare' && !isItemEnd(before) && (after === 'comma' || after === 'close');
    return isWord ? (PYTHON_WORDS.get(written) ?? written) : written;
  });
}

/** The text with its tokens as `rewrite` would have them, and what stands between them as it is. */
export function rewritten(
  text: string,
  tokens: readonly LenientToken[],
  rewrite: (token: LenientToken, index: number) => string,
): string {
  let result = '';
  let position = 0;
  for (const [index, token] of tokens.entries()) {
    result += text.slice(position, token.start) + rewrite(token, index);
    position = token.end;
  }
  return result + text.slice(position);
}

function isItemEnd(kind: LenientToken['kind'] | undefined): boolean {
  return kind === 'string' || kind === 'bare' || kind === 'close';
}

/** A single-quoted string in double quotes: its content stays, apostrophes and quotes included. */
function doubleQuoted(string: string): string {
  const content = string.slice(1, -1).replace(ESCAPED_OR_QUOTE, (found) => {
    if (found === '"') return '\\"';
    return found === "\\'" ? "'" : found;
  });
  return `"${content}"`;
}
