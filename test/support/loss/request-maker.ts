import type { JsonObject } from '../../../src/core/json.ts';

const MARK = '¤';
/** Numbers from here on are the maker's own: none stands in a request for another reason. */
const FIRST_INTEGER = 1_000_003;
const FIRST_TOKENS = 1_100;

/** What marks a text as the maker's: a counted mark, a counted name, or base64 that begins with a known word. */
const MARKS = /¤\d+¤|n_\d+_|c2VudGluZWwg[A-Za-z0-9+/=]+/g;

/** The marks in a text, each of which stands in one place of its request only. */
export function marksOf(text: string): readonly string[] {
  return readable(text).match(MARKS) ?? [];
}

/** The text, and of one that Candor sealed the JSON that is in it. */
export function readable(text: string): string {
  const sealed = /^candor:([\w-]+)$/.exec(text)?.[1];
  return sealed === undefined ? text : Buffer.from(sealed, 'base64url').toString('utf8');
}

/** Whether the number is the maker's own: no other place of its request holds it. */
export function isMarkedNumber(value: number): boolean {
  return value >= FIRST_TOKENS || !Number.isInteger(value);
}

/** Makes one random request after the other from a seed, every text and number of which is unique in its request. */
export class RequestMaker {
  #state: number;
  #count = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to 1 (mulberry32, a public-domain generator by T. Ettinger). */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Begins a request: texts are unique within it only. */
  begin(): void {
    this.#count = 0;
  }

  /** A text that is like no other of the request. */
  word(): string {
    return `${MARK}${this.#count++}${MARK}${this.pick(['', 'ä', 'x y', '"', '\n', '秋', '<b>', '{}'])}`;
  }

  /** Base64 that is like none other. */
  base64(): string {
    return Buffer.from(`sentinel ${this.#count++} `).toString('base64');
  }

  /** A name of letters, digits and underscores, different from the others. */
  name(): string {
    return `n_${this.#count++}_`;
  }

  /** A whole number no other place holds. */
  integer(): number {
    return FIRST_INTEGER + this.#count++;
  }

  /** A fraction between the bounds that no other place holds. */
  fraction(min: number, max: number): number {
    this.#count++;
    return Number((min + (max - min) * (0.05 + 0.9 * this.#random())).toFixed(5)) + this.#count / 1e8;
  }

  /** A whole number of tokens, up to some thousands; unique as far as that goes. */
  tokens(): number {
    return 2_000 + this.#count++ + 100 * Math.floor(this.#random() * 20);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)] as Value;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** The members, or nothing. */
  some(share: number, make: () => JsonObject): JsonObject {
    return this.chance(share) ? make() : {};
  }

  list<Value>(least: number, most: number, make: (index: number) => Value): readonly Value[] {
    const length = least + Math.floor(this.#random() * (most - least + 1));
    return Array.from({ length }, (_none, index) => make(index));
  }

  /** A closed JSON Schema of an object, with keywords that only some vendors enforce now and then. */
  schema(): JsonObject {
    const names = this.list(1, 3, () => this.name());
    const properties = Object.fromEntries(
      names.map((name) => [name, { type: this.pick(['string', 'integer']), description: this.word() }]),
    );
    return {
      type: 'object',
      ...this.some(0.2, () => ({ title: this.word() })),
      properties,
      required: names,
      additionalProperties: false,
      ...this.some(0.1, () => ({ maxProperties: this.integer() })),
    };
  }

  /** What a vendor of another protocol wants back, under its kind. */
  extra(): Readonly<Record<string, JsonObject>> {
    return this.chance(0.5)
      ? { google: { thought_signature: this.base64() } }
      : { anthropic: { thinking_blocks: [{ type: 'redacted_thinking', data: this.base64() }] } };
  }

  /** Arguments of a tool call, as a value. */
  args(): JsonObject {
    return Object.fromEntries(
      this.list(0, 3, () => [this.name(), this.pick([() => this.word(), () => this.integer()])()] as const),
    );
  }
}
