/** Limits on the structure of a JSON text, checked before it is parsed. */
export interface JsonLimits {
  readonly maxDepth: number;
  /** Braces, brackets, commas and colons outside strings. */
  readonly maxStructuralCharacters: number;
}

/** What a scan found; `spans` are byte ranges `[start, end)` of the values of the outermost object. */
export interface JsonScan {
  readonly problem: null;
  readonly spans: ReadonlyMap<string, readonly [number, number]>;
}

export interface JsonScanProblem {
  readonly problem:
    | 'json_too_deep'
    | 'json_too_complex'
    | 'duplicate_key'
    | 'forbidden_key'
    | 'number_out_of_range'
    | 'invalid_json';
  /** Byte offset at which it showed. */
  readonly offset: number;
  /** The key, for the two problems of keys. */
  readonly key: string | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Numbers up to this length are finite whatever they are: `9e99`. */
const MAX_PLAIN_DIGITS = 4;

/**
 * One pass over the bytes of a JSON text, without building values: bounds its depth and size, finds
 * duplicate and forbidden keys at every level, and locates the outermost members so that they can
 * be replaced in place. It does not validate: `JSON.parse` must follow.
 */
export function scanJson(bytes: Buffer, limits: JsonLimits): JsonScan | JsonScanProblem {
  return new Scanner(bytes, limits).run();
}

class Scanner {
  // Latin-1: one character a byte, so that indices in the text are offsets in the bytes.
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #spans = new Map<string, readonly [number, number]>();
  /** Keys seen in each open object; `null` stands for an open array. */
  readonly #open: (Set<string> | null)[] = [];
  #structural = 0;
  #expectsKey = false;
  #member: string | null = null;
  #valueStart = -1;
  #tokenEnd = 0;
  #problem: JsonScanProblem | null = null;

  constructor(bytes: Buffer, limits: JsonLimits) {
    this.#text = bytes.toString('latin1');
    this.#limits = limits;
  }

  run(): JsonScan | JsonScanProblem {
    const text = this.#text;
    for (let at = 0; at < text.length && this.#problem === null; at++) {
      const code = text.charCodeAt(at);
      if (code <= 0x20) continue;
      if (code === QUOTE) at = this.#string(at);
      else if (code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)) at = this.#number(at);
      else this.#punctuation(code, at);
      this.#tokenEnd = at + 1;
    }
    return this.#problem ?? { problem: null, spans: this.#spans };
  }

  #fail(problem: JsonScanProblem['problem'], offset: number, key: string | null = null): void {
    this.#problem = { problem, offset, key };
  }

  /** Skips the string that begins at `start`, noting it when it is a key; gives the closing quote's index. */
  #string(start: number): number {
    if (this.#valueStart === -2) this.#valueStart = start;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) {
      this.#fail('invalid_json', start);
      return this.#text.length;
    }
    if (this.#expectsKey) this.#key(start, end);
    return end;
  }

  /** Skips the number that begins at `start`; gives the index of its last character. */
  #number(start: number): number {
    if (this.#valueStart === -2) this.#valueStart = start;
    let end = start + 1;
    while (isNumberCode(this.#text.charCodeAt(end))) end++;
    // A number no double can hold would be read as infinite, and written again as null.
    if (end - start > MAX_PLAIN_DIGITS && !Number.isFinite(Number(this.#text.slice(start, end)))) {
      this.#fail('number_out_of_range', start);
    }
    return end - 1;
  }

  #isEscaped(quote: number): boolean {
    let backslashes = 0;
    while (this.#text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    return backslashes % 2 === 1;
  }

  #key(start: number, end: number): void {
    const keys = this.#open.at(-1);
    if (!keys) return;
    let key = this.#text.slice(start + 1, end);
    if (NOT_ASCII.test(key)) key = Buffer.from(key, 'latin1').toString('utf8');
    // An escape can spell a key in two ways; only then is it worth decoding.
    if (key.includes('\\')) key = decodeKey(key);
    if (keys.has(key)) this.#fail('duplicate_key', start, key);
    if (key === '__proto__') this.#fail('forbidden_key', start, key);
    keys.add(key);
    this.#expectsKey = false;
    if (this.#open.length === 1) this.#member = key;
  }

  #punctuation(code: number, at: number): void {
    switch (code) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (this.#valueStart === -2) this.#valueStart = at;
        this.#open.push(code === OPEN_BRACE ? new Set() : null);
        this.#expectsKey = code === OPEN_BRACE;
        if (this.#open.length > this.#limits.maxDepth) this.#fail('json_too_deep', at);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (this.#open.length === 1) this.#endMember();
        this.#open.pop();
        this.#expectsKey = false;
        break;
      case COMMA:
        if (this.#open.length === 1) this.#endMember();
        this.#expectsKey = this.#open.at(-1) instanceof Set;
        break;
      case COLON:
        if (this.#open.length === 1) this.#valueStart = -2;
        break;
      default:
        if (this.#valueStart === -2) this.#valueStart = at;
        return;
    }
    this.#structural++;
    if (this.#structural > this.#limits.maxStructuralCharacters) this.#fail('json_too_complex', at);
  }

  #endMember(): void {
    if (this.#member !== null && this.#valueStart >= 0) {
      this.#spans.set(this.#member, [this.#valueStart, this.#tokenEnd]);
    }
    this.#member = null;
    this.#valueStart = -1;
  }
}

const NOT_ASCII = /[^\0-\x7f]/;

/** Digits, `+`, `-`, `.`, `E` and `e`: what a number consists of. */
function isNumberCode(code: number): boolean {
  return (
    (code >= DIGIT_0 && code <= DIGIT_9) || code === 0x2e || code === 0x2b || code === MINUS || (code | 0x20) === 0x65
  );
}

function decodeKey(escaped: string): string {
  try {
    return JSON.parse(`"${escaped}"`) as string;
  } catch {
    return escaped;
  }
}
