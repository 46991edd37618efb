import { caseNames, type CaseName } from './case-names.ts';
import { sharedCount } from './content-words.ts';
import type { ContextIndex, ReferenceGroup } from './context-index.ts';
import { identifiers } from './identifiers.ts';
import { contextPlace, type ContextPlace, type Supplied } from './indexed-text.ts';
import { legalReferences } from './legal-references.ts';
import { markersIn } from './markers.ts';
import { NormalText } from './normal-text.ts';
import { findQuotes, quotesIn, type Quote } from './quotes.ts';
import { agree, type CitationKind, type Reference } from './reference.ts';
import { statutes } from './statutes.ts';

/** One citation of an answer, and where the context has what it names. */
export interface GroundedCitation {
  readonly kind: CitationKind;
  /** UTF-16 offsets in the text it was found in, `end` excluded. */
  readonly start: number;
  readonly end: number;
  /** `null`: the context does not have it. */
  readonly found: ContextPlace | null;
}

/** What may stand between a case's name and a report that belongs to it, or between two of these: pages, years, commas. */
const ATTACHING = /^[\s,;()[\]\d-]{0,24}$/;
/** How far behind the name the last of them may begin. */
const ATTACHED_CHARACTERS = 200;
/** How many words a claim and the source it points to must share. */
const LEAST_SHARED_WORDS = 2;

/** A text with more is no answer that anybody reads. */
const MAX_CITATIONS = 2000;

/** All citations of a text in their order, each with where the context has it; says nothing of whether they are true. `null`: they are more than 2000. */
export function groundCitations(text: string, context: ContextIndex): readonly GroundedCitation[] | null {
  const normal = new NormalText(text);
  const groups: readonly (readonly [ReferenceGroup, readonly Reference[]])[] = [
    ['identifier', identifiers(normal.text)],
    ['legal', legalReferences(normal.text)],
    ['statute', statutes(normal.text, 'cited')],
  ];
  if (groups.some(([, references]) => references.length > MAX_CITATIONS)) return null;
  const placed = groups.flatMap(([group, references]) =>
    references.map((reference) => ({ reference, found: findReference(reference, group, context) })),
  );
  const names = caseNames(normal.text, 'cited');
  const quoted = quotesIn(text);
  const marked = markersIn(text);
  if (names.length + quoted.length + marked.markers.length > MAX_CITATIONS - placed.length) return null;
  const named = names.map((name) => ({ reference: name, found: findCase(name, placed, normal.text, context) }));
  const references = withoutOverlaps([...placed, ...named]).map(({ reference, found }) => ({
    kind: reference.kind,
    ...normal.originalSpan(reference.start, reference.end),
    found,
  }));
  const all = [...references, ...quotes(quoted, context)];
  return [...all, ...markers(marked, all, context)].toSorted((one, other) => one.start - other.start);
}

interface PlacedReference {
  readonly reference: Reference;
  readonly found: ContextPlace | null;
}

/** Of two that share characters the one that begins first; of these the longer one. */
function withoutOverlaps(placed: readonly PlacedReference[]): readonly PlacedReference[] {
  const ordered = placed.toSorted(
    ({ reference: one }, { reference: other }) => one.start - other.start || other.end - one.end,
  );
  let end = 0;
  return ordered.filter(({ reference }) => {
    if (reference.start < end) return false;
    end = reference.end;
    return true;
  });
}

function findReference(cited: Reference, group: ReferenceGroup, context: ContextIndex): ContextPlace | null {
  const supplied = context
    .references(group, cited.key)
    .find((each) => agree(cited, each.reference) && isCodeNamed(cited, each, context));
  return supplied === undefined ? null : placeOf(supplied);
}

/** A section without its code's name in the context is the cited one where the context has that name somewhere. */
function isCodeNamed(cited: Reference, { reference }: Supplied, context: ContextIndex): boolean {
  const { code } = cited.details;
  if (code === undefined || reference.details['code'] !== undefined) return true;
  return context.mentions(code);
}

/**
 * Finds a case by its parties. Where a report or a year stands with the cited name, and others stand with that name in
 * the context, one must be the same: else the name was put to another decision's place.
 */
function findCase(
  cited: CaseName,
  placed: readonly PlacedReference[],
  text: string,
  context: ContextIndex,
): ContextPlace | null {
  const same = context.cases(cited);
  const [first] = same;
  if (first === undefined) return null;
  const attached = reportsBehind(cited, placed, text);
  const own = attached.filter(({ found }) => found !== null).map(({ reference }) => reference);
  const near = same.flatMap(({ reports }) => reports);
  const isElsewhere =
    own.length > 0 && near.length > 0 && !own.some((one) => near.some((other) => isSameReport(one, other)));
  const years = same.flatMap((each) => [...each.years]);
  const isOtherYear = cited.year !== null && attached.length === 0 && years.length > 0 && !years.includes(cited.year);
  return isElsewhere || isOtherYear ? null : placeOf(first.supplied);
}

function isSameReport(one: Reference, other: Reference): boolean {
  return (one.key === other.key || one.key === other.widerKey) && agree(one, other);
}

/** The reports that stand behind a name, one after the other. */
function reportsBehind(name: CaseName, placed: readonly PlacedReference[], text: string): readonly PlacedReference[] {
  let end = name.end;
  return placed.filter(({ reference: { kind, start, end: next } }) => {
    if (
      kind !== 'legal' ||
      start < end ||
      start > name.end + ATTACHED_CHARACTERS ||
      !ATTACHING.test(text.slice(end, start))
    )
      return false;
    end = next;
    return true;
  });
}

function placeOf({ reference, text }: Supplied): ContextPlace {
  return contextPlace(text, reference.start, reference.end);
}

function quotes(found: readonly Quote[], context: ContextIndex): readonly GroundedCitation[] {
  const places = new Map<number, ContextPlace>();
  for (const { text: source, words } of found.length === 0 ? [] : context.words) {
    for (const [index, place] of findQuotes(found, words).entries()) {
      if (place !== null && !places.has(index)) places.set(index, contextPlace(source, place.start, place.end));
    }
  }
  return found.map(({ start, end }, index) => ({ kind: 'quote', start, end, found: places.get(index) ?? null }));
}

/** A marker points to a numbered source that speaks of what the sentence says; where the context has none of its number, to an entry of the answer's own list whose citations are found. */
function markers(
  { markers: found, entries }: ReturnType<typeof markersIn>,
  others: readonly GroundedCitation[],
  context: ContextIndex,
): readonly GroundedCitation[] {
  return found.map((marker) => {
    const { number, start, end } = marker;
    const documents = context.documents.get(number) ?? [];
    const entry = entries.find((each) => each.number === number);
    const listed = others.filter(
      (other) => entry !== undefined && entry.start <= other.start && other.start < entry.end,
    );
    const ofList =
      listed.length > 0 && listed.every((other) => other.found !== null) ? (listed[0]?.found ?? null) : null;
    const claim = documents.length === 0 ? null : marker.claim();
    const document = documents.find(({ words }) => claim !== null && speaksOf(words, claim));
    const place = document === undefined ? null : { path: document.path, start: document.start, end: document.end };
    return { kind: 'marker', start, end, found: documents.length > 0 ? place : ofList };
  });
}

function speaksOf(words: () => ReadonlySet<string>, claim: ReadonlySet<string>): boolean {
  return sharedCount(claim, words()) >= Math.min(LEAST_SHARED_WORDS, claim.size);
}
