import { codeSpans } from './code-spans.ts';
import type { ContextIndex } from './context-index.ts';
import { datesIn } from './dates.ts';
import { entitiesIn } from './entities.ts';
import { identifiers } from './identifiers.ts';
import { NormalText } from './normal-text.ts';
import { quantitiesOutside } from './quantities.ts';
import { SpanSet, type Span } from './span-set.ts';

/** One number, date or name of a text, and whether the context has it. */
export interface CheckedFact {
  readonly kind: 'number' | 'date' | 'name';
  /** UTF-16 offsets in the text, `end` excluded. */
  readonly start: number;
  readonly end: number;
  readonly isSupported: boolean;
}

export interface FactTerms {
  /** Whether names are checked too. */
  readonly entities: boolean;
  /** Whether sums and differences of the context's numbers count as its own. */
  readonly allowComputed: boolean;
}

/** What orders an answer and says nothing: the numbers of lists, steps and sources, and markers such as `[1]`. */
const ORDERING =
  /^[ \t>#*_-]*\d{1,3}[.)](?=\s)|^[ \t>#*_-]*(?:step|part|point|option|item|section|question|answer|schritt|teil|punkt|frage)[ \t]+\d{1,3}\b|\b(?:source|document|doc|passage|quelle|dokument)s?[ \t]+#?\d{1,3}\b|\[\^?\d{1,3}(?:\s*[,;-]\s*\^?\d{1,3})*\]/gimu;

/** The numbers, dates and names of a text in their order. Addresses, code and what only orders the text are passed over. */
export function checkFacts(text: string, context: ContextIndex, terms: FactTerms): readonly CheckedFact[] {
  const normal = new NormalText(text);
  const ordering = [...normal.text.matchAll(ORDERING)].map((match): Span => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const passed = [...identifiers(normal.text), ...ordering];
  const passedSpans = new SpanSet(passed);
  const code = new SpanSet(codeSpans(text));
  const dates = datesIn(normal.text).filter((date) => !passedSpans.overlaps(date));
  const taken = new SpanSet([...passed, ...dates]);
  const facts = [
    ...dates.map(({ start, end, keys }) => ({
      kind: 'date' as const,
      start,
      end,
      isSupported: context.facts.hasDate(keys),
    })),
    ...quantitiesOutside(normal.text, taken).map((quantity) => ({
      kind: 'number' as const,
      start: quantity.start,
      end: quantity.end,
      isSupported: context.facts.hasQuantity(quantity) || (terms.allowComputed && context.facts.isComputed(quantity)),
    })),
    ...(terms.entities ? entitiesIn(normal.text) : [])
      .filter((entity) => !taken.overlaps(entity))
      .map(({ start, end }) => ({
        kind: 'name' as const,
        start,
        end,
        isSupported: context.facts.hasName(normal.text.slice(start, end)),
      })),
  ];
  return facts
    .map((fact) => ({ ...fact, ...normal.originalSpan(fact.start, fact.end) }))
    .filter((fact) => !code.overlaps(fact))
    .toSorted((one, other) => one.start - other.start);
}
