import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { answerTexts, type AnswerText } from '../grounding/answer-texts.ts';
import { MAX_CONTEXT_CHARACTERS } from '../grounding/context-index.ts';
import type { Grounding } from '../grounding/grounding-service.ts';
import type { GroundingThread } from '../grounding/grounding-thread.ts';
import type { CitationKind } from '../grounding/reference.ts';
import type { SuppliedContext } from '../supplied-context.ts';
import { abstain, fail, pass, type Validator } from '../validator.ts';

const ID = 'citations';
const MAX_EVIDENCE = 50;
const MAX_QUOTED_CHARACTERS = 500;

/**
 * Fails an answer that cites what the supplied context does not have: decisions, statutes, DOIs, arXiv and PubMed numbers,
 * addresses, numbered sources, quotations. It proves where a citation comes from, not that it is true. `flag` delivers the answer, marked.
 */
export function citations(thread: GroundingThread): Validator {
  return {
    id: ID,
    checkOptions: (options) =>
      options === null || options === 'strict' || options === 'flag' ? null : '`citations` takes `strict` or `flag`',
    rejects: (options) => options !== 'flag',
    check: (subject) => {
      const { context } = subject;
      if (context.index.length > MAX_CONTEXT_CHARACTERS)
        return abstain(ID, 'the supplied context is longer than 8 MiB');
      const texts = answerTexts(subject);
      const job = { terms: 'citations', answer: texts.map(({ text }) => text) } as const;
      return thread.ground(job, context, (grounding) => verdictOf(grounding, texts, context));
    },
  };
}

interface Cited {
  readonly kind: CitationKind;
  readonly text: string;
  readonly place: string;
  readonly found: JsonValue;
}

function verdictOf(
  { citations: cited, problem = 'nothing was compared' }: Grounding,
  texts: readonly AnswerText[],
  context: SuppliedContext,
): Verdict {
  if (cited === undefined) return abstain(ID, `the answer was not checked: ${problem}`);
  const all: Cited[] = [];
  for (const [index, { text, place }] of texts.entries()) {
    const grounded = cited[index] ?? null;
    if (grounded === null) return abstain(ID, 'the answer has more than 2000 citations');
    for (const { kind, start, end, found } of grounded) {
      const shown = text.slice(start, end).slice(0, MAX_QUOTED_CHARACTERS);
      all.push({ kind, text: shown, place: place(start, end), found: found === null ? false : { ...found } });
    }
  }
  const missing = all.filter(({ found }) => found === false);
  const [first] = missing;
  // What is wrong comes first: it is what a person is shown.
  const shown = [...missing, ...all.filter(({ found }) => found !== false)];
  const evidence = shown.slice(0, MAX_EVIDENCE).map((cited) => ({ ...cited }));
  if (first === undefined) return all.length === 0 ? pass(ID) : { ...pass(ID), evidence };
  const kinds = [...new Set(missing.map(({ kind }) => kind))].join(', ');
  const reason = `${missing.length} of ${all.length} citations ${missing.length === 1 ? 'is' : 'are'} not in the supplied context (${kinds})`;
  const unreadable = context.unreadableParts;
  if (unreadable === 0) return fail(ID, reason, { place: first.place, evidence });
  // What is not in the texts may be in these.
  return { ...abstain(ID, `${reason}, and ${unreadable} of its parts cannot be read`), place: first.place, evidence };
}
