import { linearPattern } from '../../core/linear-pattern.ts';

/**
 * Writes a short text that a regular expression matches, for `pattern` in a schema when nothing in the prompt does.
 * Knows literals, escapes, classes, groups, alternatives and quantifiers; `null` where that is not enough, or the text too long.
 */
export function textMatching(pattern: string): string | null {
  try {
    const expression = linearPattern(pattern);
    const text = new PatternWriter(pattern).write();
    return expression.test(text) ? text : null;
  } catch {
    return null;
  }
}

const CLASS_SAMPLES: Readonly<Record<string, string>> = {
  d: '0',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  n: '\n',
  t: '\t',
  b: '',
  B: '',
};
const CANDIDATES = 'A1a0 -_.ZzMm59';

const MAX_CHARACTERS = 10_000;

class PatternWriter {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** One alternative, the first, up to the end of the group or the pattern. */
  write(): string {
    let written = '';
    while (this.#at < this.#pattern.length && this.#peek() !== ')') {
      if (this.#peek() === '|') {
        this.#skipAlternatives();
        break;
      }
      const atom = this.#atom();
      const count = this.#count();
      if (written.length + atom.length * count > MAX_CHARACTERS) throw new RangeError('too long a text');
      written += atom.repeat(count);
    }
    return written;
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? '';
  }

  #take(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }

  #atom(): string {
    const character = this.#take();
    switch (character) {
      case '^':
      case '$':
        return '';
      case '.':
        return 'a';
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '(':
        return this.#group();
      default:
        return character;
    }
  }

  #escape(): string {
    const character = this.#take();
    if ((character === 'p' || character === 'P') && this.#peek() === '{') {
      const name = this.#through('}');
      return name.startsWith('{N') ? '0' : name.startsWith('{Ll') ? 'a' : 'A';
    }
    return CLASS_SAMPLES[character] ?? character;
  }

  #class(): string {
    const body = `[${this.#through(']')}`;
    const member = new RegExp(body, 'u');
    for (const candidate of CANDIDATES) if (member.test(candidate)) return candidate;
    for (let code = 33; code < 0x250; code++)
      if (member.test(String.fromCodePoint(code))) return String.fromCodePoint(code);
    return '';
  }

  #group(): string {
    if (/^\?(?:=|!|<=|<!)/.test(this.#pattern.slice(this.#at))) {
      this.#skipGroup();
      return '';
    }
    if (this.#peek() === '?') this.#at += /^\?(?::|<[^>]*>)/.exec(this.#pattern.slice(this.#at))?.[0].length ?? 1;
    const written = this.write();
    this.#take();
    return written;
  }

  #count(): number {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#at));
    if (quantifier === null) return 1;
    this.#at += quantifier[0].length;
    if (quantifier[1] !== undefined) return Number(quantifier[1]);
    return quantifier[0].startsWith('+') ? 1 : 0;
  }

  #through(end: string): string {
    let taken = '';
    while (this.#at < this.#pattern.length) {
      const character = this.#take();
      taken += character;
      if (character === '\\') taken += this.#take();
      else if (character === end) break;
    }
    return taken;
  }

  #skipAlternatives(): void {
    let depth = 0;
    while (this.#at < this.#pattern.length && (depth > 0 || this.#peek() !== ')')) depth += this.#skipOne();
  }

  #skipGroup(): void {
    let depth = 1;
    while (this.#at < this.#pattern.length && depth > 0) depth += this.#skipOne();
  }

  #skipOne(): number {
    const character = this.#take();
    if (character === '\\') this.#take();
    if (character === '[') this.#through(']');
    return character === '(' ? 1 : character === ')' ? -1 : 0;
  }
}
