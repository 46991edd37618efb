import { isExactNumber } from './exact-number.ts';

/** Limits on the structure of a JSON text, checked before it is parsed. */
export interface JsonLimits {
  readonly maxDepth: number;
  /** Braces, brackets, commas and colons outside strings. */
  readonly maxStructuralCharacters: number;
}

/** Where a value stands in the bytes: `[start, end)`. */
export type Span = readonly [start: number, end: number];

/** What a scan found. */
export interface JsonScan {
  readonly problem: null;
  /** The values of the outermost object by their keys, or of the outermost array by their indices, in their order. */
  readonly spans: ReadonlyMap<string, Span>;
  /** Those of them that hold, at any depth, a number that a program which reads and writes it would change. */
  readonly inexact: ReadonlySet<string>;
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
/** Positive numbers up to this length keep their value whatever they are: `9e99`. */
const MAX_PLAIN_DIGITS = 4;
/** For texts that have been read within limits before, or are our own. */
export const NO_SCAN_LIMITS: JsonLimits = { maxDepth: Infinity, maxStructuralCharacters: Infinity };

/**
 * One pass over the bytes of a JSON text, without building values: bounds its depth and size, finds
 * duplicate and forbidden keys at every level, and locates the outermost members so that they can
 * be replaced in place. It does not validate: `JSON.parse` must follow.
 */
export function scanJson(bytes: Buffer, limits: JsonLimits): JsonScan | JsonScanProblem {
  return new Scanner(bytes, limits).run();
}

/** The places of the members of an object, or of the items of an array, in JSON that has been scanned before. */
export function locateMembers(bytes: Buffer): ReadonlyMap<string, Span> {
  const scan = scanJson(bytes, NO_SCAN_LIMITS);
  return scan.problem === null ? scan.spans : new Map();
}

/** The bytes of the value under these keys, one object in the other; `null` where there is none. For JSON that has been scanned before. */
export function bytesUnder(bytes: Buffer, keys: readonly string[]): Buffer | null {
  let value = bytes;
  for (const key of keys) {
    const span = locateMembers(value).get(key);
    if (span === undefined) return null;
    value = value.subarray(...span);
  }
  return value;
}

/** The JSON at a path such as `messages[2].content`, digit for digit, as `bytesUnder` finds it. */
export function textAt(bytes: Buffer, path: string): string | null {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  return bytesUnder(bytes, keys)?.toString('utf8') ?? null;
}

/** Where the scan stands between the outermost key and the end of its value. */
type Place = 'outside' | 'before-value' | 'in-value';

class Scanner {
  // Latin-1: one character a byte, so that indices in the text are offsets in the bytes.
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #spans = new Map<string, Span>();
  readonly #inexact = new Set<string>();
  /** Keys seen in each open object; `null` stands for an open array. */
  readonly #open: (Set<string> | null)[] = [];
  #structural = 0;
  #expectsKey = false;
  /** The outermost key, or index, that the scan is at. */
  #member: string | null = null;
  #items = 0;
  #place: Place = 'outside';
  #valueStart = 0;
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
    return this.#problem ?? { problem: null, spans: this.#spans, inexact: this.#inexact };
  }

  #fail(problem: JsonScanProblem['problem'], offset: number, key: string | null = null): void {
    this.#problem = { problem, offset, key };
  }

  /** Skips the string that begins at `start`, noting it when it is a key; gives the closing quote's index. */
  #string(start: number): number {
    this.#beginValue(start);
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
    this.#beginValue(start);
    let end = start + 1;
    while (isNumberCode(this.#text.charCodeAt(end))) end++;
    if (end - start <= MAX_PLAIN_DIGITS && this.#text.charCodeAt(start) !== MINUS) return end - 1;
    const written = this.#text.slice(start, end);
    // A number no double can hold would be read as infinite, and written again as null.
    if (!Number.isFinite(Number(written))) this.#fail('number_out_of_range', start);
    else if (this.#member !== null && !isExactNumber(written)) this.#inexact.add(this.#member);
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
    const key = decodeKey(this.#text.slice(start + 1, end));
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
        this.#beginValue(at);
        this.#open.push(code === OPEN_BRACE ? new Set() : null);
        this.#expectsKey = code === OPEN_BRACE;
        if (this.#open.length > this.#limits.maxDepth) this.#fail('json_too_deep', at);
        if (this.#open.length === 1 && code === OPEN_BRACKET) this.#nextItem();
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
        if (this.#open.length === 1 && !this.#expectsKey) this.#nextItem();
        break;
      case COLON:
        if (this.#open.length === 1) this.#place = 'before-value';
        break;
      default:
        this.#beginValue(at);
        return;
    }
    this.#structural++;
    if (this.#structural > this.#limits.maxStructuralCharacters) this.#fail('json_too_complex', at);
  }

  #nextItem(): void {
    this.#member = String(this.#items++);
    this.#place = 'before-value';
  }

  #beginValue(at: number): void {
    if (this.#place !== 'before-value') return;
    this.#place = 'in-value';
    this.#valueStart = at;
  }

  #endMember(): void {
    if (this.#member !== null && this.#place === 'in-value') {
      this.#spans.set(this.#member, [this.#valueStart, this.#tokenEnd]);
    }
    this.#member = null;
    this.#place = 'outside';
  }
}

/** Digits, `+`, `-`, `.`, `E` and `e`: what a number consists of. */
function isNumberCode(code: number): boolean {
  return (
    (code >= DIGIT_0 && code <= DIGIT_9) || code === 0x2e || code === 0x2b || code === MINUS || (code | 0x20) === 0x65
  );
}

const NOT_ASCII = /[^\0-\x7f]/;

/** The key that these bytes spell, read as Latin-1: they are UTF-8, in which escapes may stand. */
function decodeKey(latin1: string): string {
  const escaped = NOT_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
  if (!escaped.includes('\\')) return escaped;
  try {
    return JSON.parse(`"${escaped}"`) as string;
  } catch {
    return escaped;
  }
}
