import { CaseIndex, type SuppliedCase } from './case-index.ts';
import type { CaseName } from './case-names.ts';
import { numberedDocuments, type NumberedDocument } from './documents.ts';
import { FactIndex } from './fact-index.ts';
import { identifiers } from './identifiers.ts';
import { legalReferences } from './legal-references.ts';
import type { IndexedText, Supplied, WordedText } from './indexed-text.ts';
import { NormalText } from './normal-text.ts';
import type { Reference } from './reference.ts';
import { statutes } from './statutes.ts';
import { WordStream } from './word-stream.ts';

/** A text with where it stands in the request. */
export interface LocatedText {
  readonly path: string;
  readonly role: string;
  readonly text: string;
}

/** Longer contexts are not searched; in UTF-16 code units. */
export const MAX_CONTEXT_CHARACTERS = 8 * 1024 * 1024;

/** The groups in which references are looked for. */
export type ReferenceGroup = 'legal' | 'statute' | 'identifier';

/** What a context names and says. Nothing is looked for before it is asked for, and then once. */
export class ContextIndex {
  /** Of all texts, in UTF-16 code units. */
  readonly length: number;
  readonly #located: readonly LocatedText[];
  readonly #groups = new Map<ReferenceGroup, ReadonlyMap<string, readonly Supplied[]>>();
  readonly #legal = new Map<IndexedText, readonly Reference[]>();
  readonly #mentioned = new Map<string, boolean>();
  #lowered: readonly string[] | null = null;
  #texts: readonly IndexedText[] | null = null;
  #cases: CaseIndex | null = null;
  #words: readonly WordedText[] | null = null;
  #facts: FactIndex | null = null;
  #documents: ReadonlyMap<number, readonly NumberedDocument[]> | null = null;

  constructor(texts: readonly LocatedText[]) {
    this.#located = texts;
    this.length = texts.reduce((sum, { text }) => sum + text.length, 0);
  }

  get texts(): readonly IndexedText[] {
    this.#texts ??= this.#located.map(({ path, role, text }) => ({ path, role, normal: new NormalText(text) }));
    return this.#texts;
  }

  /** Whether any text holds these letters, which are in lower case. */
  mentions(letters: string): boolean {
    const known = this.#mentioned.get(letters);
    if (known !== undefined) return known;
    this.#lowered ??= this.texts.map(({ normal }) => normal.text.toLowerCase());
    const isMentioned = this.#lowered.some((text) => text.includes(letters));
    this.#mentioned.set(letters, isMentioned);
    return isMentioned;
  }

  /** References of a group with this key. */
  references(group: ReferenceGroup, key: string): readonly Supplied[] {
    return this.#group(group).get(key) ?? [];
  }

  /** The cases whose names hold those of the cited one. */
  cases(cited: CaseName): readonly SuppliedCase[] {
    this.#cases ??= new CaseIndex(this.texts.map((text) => ({ text, reports: () => this.#legalReferences(text) })));
    return this.#cases.named(cited);
  }

  get words(): readonly WordedText[] {
    this.#words ??= this.texts.map((text) => ({ text, words: new WordStream(text.normal.text) }));
    return this.#words;
  }

  get documents(): ReadonlyMap<number, readonly NumberedDocument[]> {
    this.#documents ??= numberedDocuments(
      this.texts.map(({ path, role, normal }) => ({
        path,
        role,
        text: normal.text,
        originalSpan: (start, end) => normal.originalSpan(start, end),
      })),
    );
    return this.#documents;
  }

  get facts(): FactIndex {
    this.#facts ??= new FactIndex(this.texts, () => this.words);
    return this.#facts;
  }

  #group(group: ReferenceGroup): ReadonlyMap<string, readonly Supplied[]> {
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const found = new Map<string, Supplied[]>();
    const seen = new Set<string>();
    const add = (key: string, supplied: Supplied): void => {
      // What says the same of the same source is found in its first place.
      const said = `${key} ${JSON.stringify(supplied.reference.details)}`;
      if (seen.has(said)) return;
      seen.add(said);
      const others = found.get(key);
      if (others === undefined) found.set(key, [supplied]);
      else others.push(supplied);
    };
    for (const text of this.texts) {
      for (const reference of this.#referencesOf(group, text)) {
        add(reference.key, { reference, text });
        if (reference.widerKey !== undefined) add(reference.widerKey, { reference, text });
      }
    }
    this.#groups.set(group, found);
    return found;
  }

  #referencesOf(group: ReferenceGroup, text: IndexedText): readonly Reference[] {
    switch (group) {
      case 'legal':
        return this.#legalReferences(text);
      case 'statute':
        return statutes(text.normal.text, 'supplied');
      case 'identifier':
        return identifiers(text.normal.text);
    }
  }

  #legalReferences(text: IndexedText): readonly Reference[] {
    const known = this.#legal.get(text) ?? legalReferences(text.normal.text);
    this.#legal.set(text, known);
    return known;
  }
}
