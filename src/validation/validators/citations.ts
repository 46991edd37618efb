import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { answerTexts } from '../grounding/answer-texts.ts';
import { groundCitations } from '../grounding/ground-citations.ts';
import type { CitationKind } from '../grounding/reference.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'citations';
/** In UTF-16 code units. */
const MAX_CONTEXT = 8 * 1024 * 1024;
const MAX_EVIDENCE = 50;
const MAX_QUOTED_CHARACTERS = 500;

/**
 * Fails an answer that cites what the supplied context does not have: decisions, statutes, DOIs, arXiv and PubMed numbers,
 * addresses, numbered sources, quotations. It proves where a citation comes from, not that it is true. `flag` delivers the answer, marked.
 */
export const citations: Validator = {
  id: ID,
  checkOptions: (options) =>
    options === null || options === 'strict' || options === 'flag' ? null : '`citations` takes `strict` or `flag`',
  rejects: (options) => options !== 'flag',
  check: (subject) => judge(subject),
};

interface Cited {
  readonly kind: CitationKind;
  readonly text: string;
  readonly place: string;
  readonly found: JsonValue;
}

function judge(subject: Subject): Verdict {
  const { context } = subject;
  if (context.index.length > MAX_CONTEXT) return abstain(ID, 'the supplied context is longer than 8 MiB');
  const all: readonly Cited[] = answerTexts(subject).flatMap(({ text, place }) =>
    groundCitations(text, context.index).map(({ kind, start, end, found }) => ({
      kind,
      text: text.slice(start, end).slice(0, MAX_QUOTED_CHARACTERS),
      place: place(start, end),
      found: found === null ? false : { ...found },
    })),
  );
  const missing = all.filter(({ found }) => found === false);
  const [first] = missing;
  const shown = all.length <= MAX_EVIDENCE ? all : [...missing, ...all.filter(({ found }) => found !== false)];
  const evidence = shown.slice(0, MAX_EVIDENCE).map((cited) => ({ ...cited }));
  if (first === undefined) return all.length === 0 ? pass(ID) : { ...pass(ID), evidence };
  const kinds = [...new Set(missing.map(({ kind }) => kind))].join(', ');
  const reason = `${missing.length} of ${all.length} citations ${missing.length === 1 ? 'is' : 'are'} not in the supplied context (${kinds})`;
  const unreadable = context.unreadableParts;
  if (unreadable === 0) return fail(ID, reason, { place: first.place, evidence });
  // What is not in the texts may be in these.
  return { ...abstain(ID, `${reason}, and ${unreadable} of its parts cannot be read`), place: first.place, evidence };
}
