/** Where the parts of an object literal stand in its source: line from 1 by path; a path is joined by `\u0000`. */
export type LiteralLines = ReadonlyMap<string, number>;

/** The key of a path in `LiteralLines`. */
export function pathKey(path: readonly (string | number)[]): string {
  return path.join('\u0000');
}

/** The key of whatever is spread into the part at a path. */
export function spreadKey(path: readonly (string | number)[]): string {
  return pathKey([...path, '...']);
}

interface Token {
  /** A mark (`{`, `...`), or `word` for names and numbers, or `text` for anything in quotes. */
  readonly kind: string;
  /** The name, or what a plain text says. */
  readonly value: string;
  readonly line: number;
}

/**
 * Finds the lines of the object literal that a module exports by default, itself or through functions and
 * constants. What is spread into it has the line of the spread; what is computed has none. Reads tokens, not the language: good for
 * pointing at places, for nothing else.
 */
export function literalLines(source: string): LiteralLines {
  const tokens = tokensOf(source);
  const start = literalStart(tokens);
  const lines = new Map<string, number>();
  lines.set(pathKey([]), tokens[start]?.line ?? 1);
  if (start !== -1) new LiteralScanner(tokens, lines).value(start, []);
  return lines;
}

const TOKEN =
  /(?<space>\s+|\/\/.*|\/\*[\s\S]*?\*\/)|(?<text>'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)|(?<word>[\p{ID_Start}$_\d][\p{ID_Continue}$.]*)|(?<mark>\.\.\.|=>|[\s\S])/uy;

function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const { groups, 0: all } of source.matchAll(new RegExp(TOKEN.source, 'gu'))) {
    if (groups?.['text'] !== undefined) tokens.push({ kind: 'text', value: all.slice(1, -1), line });
    else if (groups?.['word'] !== undefined) tokens.push({ kind: 'word', value: all, line });
    else if (groups?.['mark'] !== undefined) tokens.push({ kind: all, value: all, line });
    line += all.split('\n').length - 1;
  }
  return tokens;
}

/** Index of the `{` of the exported literal; -1 when there is none to be seen. */
function literalStart(tokens: readonly Token[]): number {
  const exported = tokens.findIndex(
    (token, index) => token.value === 'export' && tokens[index + 1]?.value === 'default',
  );
  if (exported === -1) return -1;
  for (let index = exported + 2; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.kind === '{') return index;
    // `defineConfig(` may stand before it; a lone name is a constant defined above.
    if (token?.kind !== 'word' || tokens[index + 1]?.kind === '(') continue;
    const defined = tokens.findIndex((each, at) => each.value === token.value && tokens[at - 1]?.value === 'const');
    return defined === -1 ? -1 : tokens.findIndex((each, at) => at > defined && each.kind === '{');
  }
  return -1;
}

const OPENING = new Set(['{', '[', '(']);
const CLOSING = new Set(['}', ']', ')']);

/** Walks the tokens of a literal; every method takes and gives the index of a token. */
class LiteralScanner {
  readonly #tokens: readonly Token[];
  readonly #lines: Map<string, number>;

  constructor(tokens: readonly Token[], lines: Map<string, number>) {
    this.#tokens = tokens;
    this.#lines = lines;
  }

  /** Reads a value up to the `,` or bracket that ends it. */
  value(index: number, path: readonly (string | number)[]): number {
    const kind = this.#tokens[index]?.kind;
    if (kind === '{') return this.#rest(this.#object(index + 1, path));
    if (kind === '[') return this.#rest(this.#array(index + 1, path));
    return this.#rest(index);
  }

  #object(start: number, path: readonly (string | number)[]): number {
    let index = start;
    while (!this.#isEnd(index)) {
      const key = this.#tokens[index];
      if (key?.kind === '...' && !this.#lines.has(spreadKey(path))) this.#lines.set(spreadKey(path), key.line);
      if (key?.kind === ',') index += 1;
      else if ((key?.kind === 'word' || key?.kind === 'text') && this.#tokens[index + 1]?.kind === ':') {
        this.#lines.set(pathKey([...path, key.value]), key.line);
        index = this.value(index + 2, [...path, key.value]);
      } else index = this.#rest(index);
    }
    return index + 1;
  }

  #array(start: number, path: readonly (string | number)[]): number {
    let index = start;
    let item = 0;
    while (!this.#isEnd(index)) {
      const token = this.#tokens[index];
      // What is spread into a list moves the numbers of all that follows.
      if (token?.kind === '...') item = Number.NaN;
      if (token?.kind === ',') {
        item += 1;
        index += 1;
      } else {
        if (token !== undefined && !Number.isNaN(item)) this.#lines.set(pathKey([...path, item]), token.line);
        index = this.value(index, [...path, item]);
      }
    }
    return index + 1;
  }

  /** Also at a bracket of another kind: the source has an error there. */
  #isEnd(index: number): boolean {
    return index >= this.#tokens.length || CLOSING.has(this.#tokens[index]?.kind ?? '');
  }

  /** Passes over the rest of an expression. */
  #rest(start: number): number {
    let depth = 0;
    for (let index = start; index < this.#tokens.length; index++) {
      const kind = this.#tokens[index]?.kind ?? '';
      if (depth === 0 && (kind === ',' || CLOSING.has(kind))) return index;
      if (OPENING.has(kind)) depth += 1;
      if (CLOSING.has(kind)) depth -= 1;
    }
    return this.#tokens.length;
  }
}
