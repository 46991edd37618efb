import { datesIn, partsOfDate } from './dates.ts';
import { acronymsIn } from './entities.ts';
import type { IndexedText, WordedText } from './indexed-text.ts';
import { quantitiesOutside, type Quantity } from './quantities.ts';
import { SpanSet } from './span-set.ts';
import { runHash, WordStream } from './word-stream.ts';

/** Number words by what they count; the indefinite article is none. */
const NUMBER_WORDS =
  /(?<!\p{L})(?:(zero|null)|(one|first|eins|erste[nrs]?)|(two|second|twice|zwei|zweite[nrs]?)|(three|third|drei|dritte[nrs]?)|(four|fourth|vier|vierte[nrs]?)|(five|fifth|fünf|fünfte[nrs]?)|(six|sixth|sechs|sechste[nrs]?)|(seven|seventh|sieben|siebte[nrs]?)|(eight|eighth|acht|achte[nrs]?)|(nine|ninth|neun|neunte[nrs]?)|(ten|tenth|zehn|zehnte[nrs]?)|(eleven|elf)|(twelve|zwölf|dozen))(?!\p{L})/giu;

/** More numbers than this in one paragraph are a table, whose sums could be anything. */
const MAX_SUMMED = 40;

/** Of longer names so many words are looked for together. */
const MAX_RUN_WORDS = 6;

/** The numbers, dates and words of a context, for looking up what an answer says. */
export class FactIndex {
  /** The units that stand with a number; `''`: none. */
  readonly #units = new Map<string, Set<string>>();
  readonly #dates = new Set<string>();
  /** The quantities of each paragraph, for sums. */
  readonly #paragraphs: (readonly Quantity[])[] = [];
  /** The same as numbers of one unit; `null`: of any. */
  readonly #summands = new Map<string | null, readonly (readonly number[])[]>();
  /** The numbers in ascending order, with how they are written. */
  #ascending: readonly (readonly [number, string])[] | null = null;
  /** The runs of so many words. */
  readonly #runs = new Map<number, ReadonlySet<number>>();
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
    return this.#summandsOf(unit).some((numbers) => {
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

  #summandsOf(unit: string | null): readonly (readonly number[])[] {
    const known = this.#summands.get(unit);
    if (known !== undefined) return known;
    const found = this.#paragraphs
      .map((quantities) => quantities.filter((each) => unit === null || each.unit === null || each.unit === unit))
      .filter(({ length }) => length >= 2 && length <= MAX_SUMMED)
      .map((quantities) => quantities.map((each) => Number(each.values[0])));
    this.#summands.set(unit, found);
    return found;
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
      if (known.has(hash)) return true;
      const word = name.slice(starts[index], ends[index]);
      const forms = [word.replace(/'?s$/, ''), `${word}s`].flatMap((form) => [...new WordStream(form).hashes]);
      const isJoining = /^(?:of|the|de|von|van)$/.test(word);
      return isJoining || forms.some((form) => known.has(form)) || this.#isAcronym(word);
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
    // Longer names are looked for by how they begin.
    const size = Math.min(wanted.length, MAX_RUN_WORDS);
    const known = this.#runs.get(size) ?? this.#runsOf(size);
    this.#runs.set(size, known);
    return known.has(runHash(wanted, 0, size));
  }

  #runsOf(size: number): ReadonlySet<number> {
    const runs = new Set<number>();
    for (const { words } of this.#worded())
      for (let at = 0; at + size <= words.length; at++) runs.add(runHash(words.hashes, at, size));
    return runs;
  }

  #hasValue(value: string, unit: string | null): boolean {
    const units = this.#units.get(value);
    return units !== undefined && (unit === null || units.has(unit) || units.has(''));
  }

  #hasRounded(value: string, unit: string | null): boolean {
    const significant = value.replace('.', '').replace(/^0+|0+$/g, '').length;
    if (significant === 0 || significant > 15) return false;
    this.#ascending ??= [...this.#units.keys()]
      .map((other) => [Number(other), other] as const)
      .filter(([number]) => Number.isFinite(number))
      .toSorted(([one], [other]) => one - other);
    const rounded = Number(value);
    // What is rounded to it differs by no more than half of its last figure, and never by more than the half of it.
    const slack = rounded * 0.5 * 10 ** (1 - significant);
    const all = this.#ascending;
    for (let at = firstAtLeast(all, rounded - slack); (all[at]?.[0] ?? Infinity) <= rounded + slack; at++) {
      const [number, other] = all[at] ?? [0, ''];
      if (Number(number.toPrecision(significant)) === rounded && this.#hasValue(other, unit)) return true;
    }
    return false;
  }

  #add(text: string): void {
    for (const paragraph of text.split(/\n\s*\n/)) {
      const dates = datesIn(paragraph);
      for (const key of dates.flatMap(({ keys }) => keys)) {
        for (const part of partsOfDate(key)) this.#dates.add(part);
        if (/^\d{4}-/.test(key)) this.#note(key.slice(0, 4), '');
      }
      const quantities = quantitiesOutside(paragraph, new SpanSet(dates));
      if (quantities.length > 1) this.#paragraphs.push(quantities);
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

function firstAtLeast(ascending: readonly (readonly [number, string])[], least: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle]?.[0] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
