import { datesIn, partsOfDate } from './dates.ts';
import { acronymsIn } from './entities.ts';
import type { IndexedText, WordedText } from './indexed-text.ts';
import { quantitiesOutside, type Quantity } from './quantities.ts';
import { WordStream } from './word-stream.ts';

/** Number words by what they count; the indefinite article is none. */
const NUMBER_WORDS =
  /(?<!\p{L})(?:(zero|null)|(one|first|eins|erste[nrs]?)|(two|second|twice|zwei|zweite[nrs]?)|(three|third|drei|dritte[nrs]?)|(four|fourth|vier|vierte[nrs]?)|(five|fifth|fünf|fünfte[nrs]?)|(six|sixth|sechs|sechste[nrs]?)|(seven|seventh|sieben|siebte[nrs]?)|(eight|eighth|acht|achte[nrs]?)|(nine|ninth|neun|neunte[nrs]?)|(ten|tenth|zehn|zehnte[nrs]?)|(eleven|elf)|(twelve|zwölf|dozen))(?!\p{L})/giu;

/** The numbers of one paragraph with their units, for sums. */
interface Paragraph {
  readonly quantities: readonly Quantity[];
}

/** More numbers than this in one paragraph are a table, whose sums could be anything. */
const MAX_SUMMED = 40;

/** The numbers, dates and words of a context, for looking up what an answer says. */
export class FactIndex {
  /** The units that stand with a number; `''`: none. */
  readonly #units = new Map<string, Set<string>>();
  readonly #dates = new Set<string>();
  readonly #paragraphs: Paragraph[] = [];
  readonly #texts: readonly IndexedText[];
  readonly #worded: () => readonly WordedText[];
  #words: ReadonlySet<number> | null = null;
  #acronyms: ReadonlySet<string> | null = null;

  /** `worded`: the same texts as words, for names. */
  constructor(texts: readonly IndexedText[], worded: () => readonly WordedText[]) {
    this.#texts = texts;
    this.#worded = worded;
    for (const { normal } of texts) this.#add(normal.text);
  }

  /** Whether the context has the number: with its unit, or without any; one that is called approximate also rounded. */
  hasQuantity({ values, parts, unit, isApproximate }: Quantity): boolean {
    if (values.some((value) => this.#hasValue(value, unit))) return true;
    if (parts.length > 0 && parts.every((part) => this.#hasValue(part, null))) return true;
    return isApproximate && values.some((value) => this.#hasRounded(value, unit));
  }

  /** Whether the number is a sum of two numbers of one paragraph, of all of them, or a difference of two; of one unit. */
  isComputed({ values, unit }: Quantity): boolean {
    return this.#paragraphs.some(({ quantities }) => {
      const numbers = quantities
        .filter((each) => unit === null || each.unit === null || each.unit === unit)
        .map((each) => Number(each.values[0]));
      if (numbers.length < 2 || numbers.length > MAX_SUMMED) return false;
      const total = numbers.reduce((sum, each) => sum + each, 0);
      return values.some((value) => {
        const target = Number(value);
        const isNear = (result: number): boolean => Math.abs(result - target) <= 1e-9 * Math.max(1, Math.abs(target));
        return (
          isNear(total) ||
          numbers.some((one, index) =>
            numbers.some((other, at) => at !== index && (isNear(one + other) || isNear(one - other))),
          )
        );
      });
    });
  }

  hasDate(keys: readonly string[]): boolean {
    return keys.some((key) => this.#dates.has(key));
  }

  /** Whether each word of a name occurs in the context, in the singular or the plural, or the words that an acronym is made of. */
  hasName(name: string): boolean {
    const { hashes, starts, ends } = new WordStream(name);
    // A figure in a name belongs to the word before it: `GPT-5` is not had by `GPT-4` and a 5.
    if (/\p{L}[-.]\d/u.test(name)) return this.#hasSequence(hashes);
    const known = this.#knownWords();
    return [...hashes].every((hash, index) => {
      const word = name.slice(starts[index], ends[index]);
      const forms = [word.replace(/'?s$/, ''), `${word}s`].flatMap((form) => [...new WordStream(form).hashes]);
      const isJoining = /^(?:of|the|de|von|van)$/.test(word);
      return known.has(hash) || isJoining || forms.some((form) => known.has(form)) || this.#isAcronym(word);
    });
  }

  #knownWords(): ReadonlySet<number> {
    if (this.#words !== null) return this.#words;
    const known = new Set<number>();
    for (const { words } of this.#worded()) for (const hash of words.hashes) known.add(hash);
    this.#words = known;
    return known;
  }

  #isAcronym(word: string): boolean {
    if (!/^\p{Lu}{2,8}$/u.test(word)) return false;
    this.#acronyms ??= new Set(this.#texts.flatMap(({ normal }) => [...acronymsIn(normal.text)]));
    return this.#acronyms.has(word);
  }

  #hasSequence(wanted: Int32Array): boolean {
    return this.#worded().some(({ words: { hashes } }) =>
      hashes.some((_, at) => wanted.every((hash, index) => hashes[at + index] === hash)),
    );
  }

  #hasValue(value: string, unit: string | null): boolean {
    const units = this.#units.get(value);
    return units !== undefined && (unit === null || units.has(unit) || units.has(''));
  }

  #hasRounded(value: string, unit: string | null): boolean {
    const significant = value.replace('.', '').replace(/^0+|0+$/g, '').length;
    if (significant === 0 || significant > 15) return false;
    return [...this.#units.keys()].some(
      (other) => this.#hasValue(other, unit) && Number(Number(other).toPrecision(significant)) === Number(value),
    );
  }

  #add(text: string): void {
    for (const paragraph of text.split(/\n\s*\n/)) {
      const dates = datesIn(paragraph);
      for (const key of dates.flatMap(({ keys }) => keys)) {
        for (const part of partsOfDate(key)) this.#dates.add(part);
        if (/^\d{4}-/.test(key)) this.#note(key.slice(0, 4), '');
      }
      const quantities = quantitiesOutside(paragraph, dates);
      if (quantities.length > 0) this.#paragraphs.push({ quantities });
      for (const { values, parts, unit } of quantities) {
        for (const value of values) this.#note(value, unit ?? '');
        for (const part of parts) this.#note(part, '');
      }
    }
    for (const match of text.matchAll(NUMBER_WORDS)) {
      this.#note(String(match.slice(1).findIndex((group) => group !== undefined)), '');
    }
  }

  #note(value: string, unit: string): void {
    const units = this.#units.get(value);
    if (units === undefined) this.#units.set(value, new Set([unit]));
    else units.add(unit);
  }
}
