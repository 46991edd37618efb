import { isWholeNumber, nextShape, type NumberShape } from './number-shape.ts';
import type { SchemaClaims } from './schema-claims.ts';
import type { ValueKind } from './schema-outline.ts';

/** What is wrong with a text from a certain character on. */
export interface Flaw {
  /** In words that quote nothing. */
  readonly reason: string;
  /** Of the first character at which it can be known, in UTF-16 units. */
  readonly offset: number;
}

/** What may come next: a value, one or the end of an empty array, a name, one or the end of an empty object … */
type Expected = 'value' | 'item' | 'name' | 'member' | 'colon' | 'after' | 'string' | 'number' | 'literal';

/** Deeper than this nothing is read as JSON (`parseJson`). */
const MAX_DEPTH = 1000;
const NO_JSON = 'from here on the answer is not JSON';
const LITERALS: ReadonlyMap<string, 'true' | 'false' | 'null'> = new Map([
  ['t', 'true'],
  ['f', 'false'],
  ['n', 'null'],
]);
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const HEX_DIGIT = /^[\da-fA-F]$/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/** Reads a text that should be one JSON value, in pieces of any size, up to its first flaw of each sort. */
export class JsonFollower {
  readonly #claims: SchemaClaims;
  /** What closes each object and array that is open. */
  readonly #open: ('}' | ']')[] = [];
  #expected: Expected = 'value';
  #offset = 0;
  /** The string that is coming: whether it is a name, the name, and the escape it is in the middle of. */
  #isName = false;
  #name = '';
  #escape: string | null = null;
  #number = '';
  #shape: NumberShape = 'minus';
  #literal = '';
  #literalLength = 0;
  /** What of the text the schema does not accept. */
  schemaFlaw: Flaw | null = null;
  /** Where the text stops being JSON. Nothing is read after it. */
  syntaxFlaw: Flaw | null = null;
  /** Whether what the schema does not accept stands however the text goes on, also where it need not be JSON to its end. */
  isSettled = false;
  /** Whether the text has begun an object or array that no prose begins with. */
  hasBegun = false;

  constructor(claims: SchemaClaims) {
    this.#claims = claims;
  }

  /** Reads on to the next character that tells anything. @returns how many were read: at least one */
  read(text: string, from: number): number {
    let at = from;
    if (this.#expected === 'string' && this.#isPassedOver()) {
      while (at < text.length && isPlain(text.charCodeAt(at))) at++;
    }
    if (at < text.length) {
      this.#offset += at - from;
      this.#take(text[at] as string);
      at++;
      this.#offset++;
    } else this.#offset += at - from;
    return at - from;
  }

  #isPassedOver(): boolean {
    return !this.#isName && this.#escape === null && (this.schemaFlaw !== null || !this.#claims.readsUnits);
  }

  #take(character: string): void {
    switch (this.#expected) {
      case 'string':
        this.#inString(character);
        return;
      case 'literal':
        this.#inLiteral(character);
        return;
      case 'number': {
        const next = nextShape(this.#shape, character);
        if (next !== null) {
          this.#shape = next;
          this.#number += character;
          return;
        }
        if (!isWholeNumber(this.#shape)) return this.#break();
        this.#object(() => this.#claims.endNumber(Number(this.#number)));
        this.#expected = 'after';
        this.#between(character);
        return;
      }
      default:
        this.#between(character);
    }
  }

  /** Outside of strings, numbers and words. */
  #between(character: string): void {
    if (character === ' ' || character === '\n' || character === '\r' || character === '\t') return;
    const isInside = this.#open.length > 0;
    this.#structure(character);
    // A word may yet be the first of some prose in brackets.
    if (this.syntaxFlaw === null && isInside && !LITERALS.has(character)) this.hasBegun = true;
  }

  #structure(character: string): void {
    const expected = this.#expected;
    const isEmptyEnd = (expected === 'member' && character === '}') || (expected === 'item' && character === ']');
    if (isEmptyEnd || (expected === 'after' && character === this.#open.at(-1))) return this.#close();
    if (expected === 'value' || expected === 'item') return this.#beginValue(character);
    if (expected === 'name' || expected === 'member') return this.#beginName(character);
    const isComma = expected === 'after' && character === ',' && this.#open.length > 0;
    if (!isComma && !(expected === 'colon' && character === ':')) return this.#break();
    this.isSettled ||= this.schemaFlaw !== null;
    this.#expected = isComma && this.#open.at(-1) === '}' ? 'name' : 'value';
  }

  #close(): void {
    this.#object(() => this.#claims.endContainer());
    this.isSettled ||= this.schemaFlaw !== null;
    this.#open.pop();
    this.#expected = 'after';
  }

  #beginName(character: string): void {
    if (character !== '"') return this.#break();
    this.#object(() => this.#claims.beginName(), true);
    this.#beginString(true);
  }

  #beginValue(character: string): void {
    const kind = kindBegunBy(character);
    if (kind === null) return this.#break();
    if ((kind === 'object' || kind === 'array') && this.#open.length === MAX_DEPTH) {
      return this.#break('it is nested too deep to be read');
    }
    this.#object(() => this.#claims.beginValue(kind, this.#offset), true);
    switch (kind) {
      case 'object':
      case 'array':
        this.#open.push(kind === 'object' ? '}' : ']');
        this.#expected = kind === 'object' ? 'member' : 'item';
        break;
      case 'string':
        this.#beginString(false);
        break;
      case 'number':
        this.#number = character;
        this.#shape = character === '-' ? 'minus' : character === '0' ? 'zero' : 'digits';
        this.#expected = 'number';
        break;
      default:
        this.#literal = kind;
        this.#literalLength = 1;
        this.#expected = 'literal';
    }
  }

  #inLiteral(character: string): void {
    if (character !== this.#literal[this.#literalLength]) return this.#break();
    this.#literalLength++;
    if (this.#literalLength === this.#literal.length) this.#expected = 'after';
  }

  #beginString(isName: boolean): void {
    this.#isName = isName;
    this.#name = '';
    this.#expected = 'string';
  }

  #inString(character: string): void {
    if (this.#escape !== null) return this.#inEscape(this.#escape + character);
    if (character === '\\') this.#escape = '';
    else if (character === '"') this.#endString();
    else if (character.charCodeAt(0) < FIRST_PRINTABLE) this.#break();
    else this.#unit(character);
  }

  #inEscape(escape: string): void {
    const meant = ESCAPED.get(escape);
    if (meant !== undefined) this.#unit(meant);
    else if (escape === 'u' || (escape.startsWith('u') && HEX_DIGIT.test(escape.at(-1) as string))) {
      if (escape.length < 5) {
        this.#escape = escape;
        return;
      }
      this.#unit(String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
    } else this.#break();
    this.#escape = null;
  }

  #unit(meant: string): void {
    if (this.#isName) this.#name += meant;
    if (this.schemaFlaw !== null || !this.#claims.readsUnits) return;
    const reason = this.#claims.unit(meant.charCodeAt(0), this.#isName);
    if (reason !== null) this.#object(() => reason);
  }

  #endString(): void {
    this.#object(() => (this.#isName ? this.#claims.endName(this.#name) : this.#claims.endString()));
    this.#expected = this.#isName ? 'colon' : 'after';
  }

  /** Asks for what is wrong, unless something was before. @param isLasting whether it stands whatever comes after */
  #object(ask: () => string | null, isLasting = false): void {
    if (this.schemaFlaw !== null) return;
    const reason = ask();
    if (reason === null) return;
    this.schemaFlaw = { reason, offset: this.#offset };
    this.isSettled = isLasting;
  }

  #break(reason = NO_JSON): void {
    this.syntaxFlaw = { reason, offset: this.#offset };
  }
}

function isPlain(unit: number): boolean {
  return unit !== QUOTE && unit !== BACKSLASH && unit >= FIRST_PRINTABLE;
}

function kindBegunBy(character: string): ValueKind | null {
  switch (character) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    default:
      return character === '-' || (character >= '0' && character <= '9') ? 'number' : (LITERALS.get(character) ?? null);
  }
}
