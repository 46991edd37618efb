import { GatewayError } from '../core/errors.ts';
import { ISO_TIME_FORM, parseIsoTime } from '../core/iso-time.ts';
import { nearestName } from '../core/nearest-name.ts';

/**
 * The words of a query by name.
 * @param known what the endpoint takes
 * @param what what takes them, as the subject of a sentence
 * @throws GatewayError for one that is unknown, doubled or empty
 */
export function readQueryWords(query: string, known: readonly string[], what: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known.includes(name)) {
      const shown = name.slice(0, 80);
      throw badWord(shown, `${what} takes no \`${shown}\`; ${advice(name, known)}`);
    }
    if (words.has(name)) throw badWord(name, `\`${name}\` is given twice: send each word once`);
    if (value === '') throw badWord(name, `\`${name}\` is empty: leave it out, or give it a value`);
    words.set(name, value);
  }
  return words;
}

function advice(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'send it without a query';
  const nearest = nearestName(name, known);
  return nearest === null ? `it takes ${known.join(', ')}` : `did you mean \`${nearest}\`?`;
}

/** A whole number from 1 to `max`; `fallback` when the word is not there. @throws GatewayError `param_out_of_range` */
export function readCount(words: ReadonlyMap<string, string>, name: string, fallback: number, max: number): number {
  const text = words.get(name);
  if (text === undefined) return fallback;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= max) return count;
  throw badValue(name, `a whole number from 1 to ${max}`);
}

/** The milliseconds since 1970 of a time in the query. @throws GatewayError `param_out_of_range` */
export function readTime(name: string, text: string): number {
  // A plus sign that was not escaped has become a space.
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text.replace(' ', '+'));
  if (timeMs === null) throw badValue(name, `milliseconds since 1970, or ${ISO_TIME_FORM}`);
  return timeMs;
}

/** What a word's value must be instead. */
export function badValue(name: string, wanted: string): GatewayError {
  return new GatewayError('param_out_of_range', `\`${name}\` must be ${wanted}`, { param: name });
}

function badWord(name: string, message: string): GatewayError {
  return new GatewayError('unsupported_parameter', message, { param: name });
}
