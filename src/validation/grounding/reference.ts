/** What kinds of citations there are, as evidence and reasons call them. */
export type CitationKind = 'legal' | 'statute' | 'doi' | 'arxiv' | 'pmid' | 'url' | 'marker' | 'quote';

/** Something that names a source, found in a text of one spelling. */
export interface Reference {
  readonly kind: CitationKind;
  /** Offsets in the normal text, `end` excluded. */
  readonly start: number;
  readonly end: number;
  /** What it must have in common with another reference to the same source. */
  readonly key: string;
  /** A second key under which it is found where the context has it, by those that say less. */
  readonly widerKey?: string;
  /** What it says besides: the same source never has other ones. */
  readonly details: Readonly<Record<string, string>>;
  /** Of these details at least one must be said by both. Absent: none needs to be. */
  readonly sharing?: readonly string[];
}

/** Whether what an answer cites may be what the context names; for those of one kind and key. */
export function agree(cited: Reference, supplied: Reference): boolean {
  const both = Object.entries(cited.details).flatMap(([name, value]) => {
    const other = supplied.details[name];
    return other === undefined ? [] : [{ name, isSame: sameDetail(value, other) }];
  });
  if (both.some(({ isSame }) => !isSame)) return false;
  return cited.sharing === undefined || both.some(({ name }) => cited.sharing?.includes(name));
}

/** Subdivisions are lists, `1.f`: the longer one lies within the shorter one. */
function sameDetail(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

/** The letters and figures of a text, in lower case: what is left when spacing and dots do not count. */
export function squash(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
