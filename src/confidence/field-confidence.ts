import { parseJson, type JsonValue } from '../core/json.ts';
import { chosenTokens, type ChosenToken } from './logprobs.ts';

/** How sure a model was of one value of its JSON. Not calibrated: no probability that the value is right. */
export interface FieldConfidence {
  /** The product of the likelihoods of the value's tokens. */
  readonly p: number;
  /** By how much its first token was likelier than the likeliest other; below 0: another was; `null`: the vendor told no other. */
  readonly margin: number | null;
}

/** Bytes of a value, `[start, end)`; of a text without its quotes. */
interface ValueSpan {
  readonly pointer: string;
  readonly start: number;
  readonly end: number;
}

/**
 * How sure the model was of each text, number, `true`, `false` and `null` of its JSON, by JSON pointer (RFC 6901). Tokens that are
 * structure alone count nowhere: where a grammar forces them they are always likely. A value is absent where a likelihood is
 * missing; all are where the tokens do not spell the text in exactly one place.
 * @param entries OpenAI's list of tokens
 */
export function fieldConfidence(text: string, entries: readonly JsonValue[]): ReadonlyMap<string, FieldConfidence> {
  const found = new Map<string, FieldConfidence>();
  const tokens = chosenTokens(entries);
  if (tokens === null || parseJson(text) === undefined) return found;
  const written = Buffer.concat(tokens.map(({ bytes }) => bytes));
  const wanted = Buffer.from(text);
  const offset = written.indexOf(wanted);
  if (offset < 0 || written.includes(wanted, offset + 1)) return found;
  let first = 0;
  let firstStart = 0;
  for (const { pointer, start, end } of new ValueSpans(text).spans()) {
    while (firstStart + (tokens[first]?.bytes.length ?? Infinity) <= offset + start) {
      firstStart += tokens[first++]?.bytes.length ?? 0;
    }
    const confidence = confidenceOf(tokensUntil(tokens, first, offset + end - firstStart));
    if (confidence === null) found.delete(pointer);
    else found.set(pointer, confidence);
  }
  return found;
}

function tokensUntil(tokens: readonly ChosenToken[], first: number, byteLength: number): readonly ChosenToken[] {
  let next = first;
  for (let length = 0; length < byteLength && next < tokens.length; next++) length += tokens[next]?.bytes.length ?? 0;
  return tokens.slice(first, next);
}

function confidenceOf(tokens: readonly ChosenToken[]): FieldConfidence | null {
  const [first] = tokens;
  if (first === undefined) return null;
  let sum = 0;
  for (const { logprob } of tokens) {
    if (logprob === null) return null;
    sum += logprob;
  }
  const { logprob, otherLogprob } = first;
  const margin = logprob === null || otherLogprob === null ? null : Math.exp(logprob) - Math.exp(otherLogprob);
  return { p: Math.exp(sum), margin };
}

/** Walks through a right JSON text; offsets are of its UTF-8 bytes. */
class ValueSpans {
  readonly #text: string;
  readonly #spans: ValueSpan[] = [];
  #at = 0;

  constructor(text: string) {
    // Latin-1: one character a byte, so that indices in the text are offsets in the bytes.
    this.#text = Buffer.from(text).toString('latin1');
  }

  spans(): readonly ValueSpan[] {
    this.#value('');
    return this.#spans;
  }

  #value(pointer: string): void {
    this.#skip(/\s*/y);
    const character = this.#text[this.#at];
    if (character === '{') this.#members(pointer);
    else if (character === '[') this.#items(pointer);
    else if (character === '"') this.#string(pointer);
    else this.#literal(pointer);
    this.#skip(/\s*/y);
  }

  #members(pointer: string): void {
    this.#skip(/\{\s*/y);
    while (this.#text[this.#at] !== '}') {
      const key = JSON.parse(Buffer.from(this.#skip(stringPattern()), 'latin1').toString('utf8')) as string;
      this.#skip(/\s*:/y);
      this.#value(`${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      this.#skip(/,?\s*/y);
    }
    this.#at++;
  }

  #items(pointer: string): void {
    this.#skip(/\[\s*/y);
    for (let index = 0; this.#text[this.#at] !== ']'; index++) {
      this.#value(`${pointer}/${index}`);
      this.#skip(/,/y);
    }
    this.#at++;
  }

  #string(pointer: string): void {
    const start = this.#at;
    const { length } = this.#skip(stringPattern());
    // Of an empty text the quotes are all that was decided.
    const quote = length > 2 ? 1 : 0;
    this.#spans.push({ pointer, start: start + quote, end: start + length - quote });
  }

  #literal(pointer: string): void {
    const start = this.#at;
    this.#skip(/[^\s,\]}]+/y);
    this.#spans.push({ pointer, start, end: this.#at });
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [skipped = ''] = pattern.exec(this.#text) ?? [];
    this.#at += skipped.length;
    return skipped;
  }
}

function stringPattern(): RegExp {
  return /"[^"\\]*(?:\\.[^"\\]*)*"/y;
}
