import { caseNames, isSameCase, type CaseName } from './case-names.ts';
import type { IndexedText, Supplied } from './indexed-text.ts';
import type { Reference } from './reference.ts';

/** A case the context names, once or often. */
export interface SuppliedCase {
  readonly name: CaseName;
  /** Where it is named first. */
  readonly supplied: Supplied;
  /** What is printed near the name, wherever that stands. */
  readonly reports: readonly Reference[];
  /** Years that stand with the name or with these. */
  readonly years: ReadonlySet<string>;
}

/** How far behind a name its reports may stand, in the same paragraph, where no other name comes between. */
const NEAR_CHARACTERS = 300;
/** Of one case, reports beyond so many say nothing new. */
const MAX_REPORTS = 100;

interface OpenCase extends SuppliedCase {
  readonly reports: Reference[];
  readonly years: Set<string>;
}

/** The cases that a context names, by the words of their first parties. */
export class CaseIndex {
  readonly #cases = new Map<string, OpenCase>();
  readonly #byWord = new Map<string, OpenCase[]>();

  /** `reports`: the text's other citations of decisions, in their order. */
  constructor(texts: readonly { readonly text: IndexedText; readonly reports: () => readonly Reference[] }[]) {
    for (const { text, reports } of texts) {
      const names = caseNames(text.normal.text, 'supplied');
      if (names.length > 0) this.#add(text, names, reports());
    }
  }

  /** The cases that a cited name may mean. */
  named(cited: CaseName): readonly SuppliedCase[] {
    const candidates = cited.first
      .map((word) => this.#byWord.get(word) ?? [])
      .toSorted((one, other) => one.length - other.length);
    // Nine words in ten are enough: with one that is missing the next one leads there.
    const likely = candidates.find((cases) => cases.length > 0) ?? [];
    return likely.filter(({ name }) => isSameCase(cited, name));
  }

  #add(text: IndexedText, names: readonly CaseName[], reports: readonly Reference[]): void {
    let next = 0;
    for (const [index, name] of names.entries()) {
      const known = this.#caseOf(name, text);
      if (name.year !== null) known.years.add(name.year);
      const behind = text.normal.text.slice(name.end, name.end + NEAR_CHARACTERS);
      const paragraph = behind.search(/\n\s*\n/);
      const until = Math.min(
        names[index + 1]?.start ?? Infinity,
        name.end + (paragraph < 0 ? NEAR_CHARACTERS : paragraph),
      );
      for (; next < reports.length; next++) {
        const report = reports[next];
        if (report === undefined || report.start >= until) break;
        if (report.start < name.end || known.reports.length >= MAX_REPORTS) continue;
        known.reports.push(report);
        if (report.details['year'] !== undefined) known.years.add(report.details['year']);
      }
    }
  }

  #caseOf(name: CaseName, text: IndexedText): OpenCase {
    const key = `${name.first.join(' ')}|${name.second.join(' ')}`;
    const known = this.#cases.get(key);
    if (known !== undefined) return known;
    const made: OpenCase = { name, supplied: { reference: name, text }, reports: [], years: new Set() };
    this.#cases.set(key, made);
    for (const word of new Set(name.first)) {
      const others = this.#byWord.get(word);
      if (others === undefined) this.#byWord.set(word, [made]);
      else others.push(made);
    }
    return made;
  }
}
