import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { answerTexts } from '../grounding/answer-texts.ts';
import { MAX_CONTEXT_CHARACTERS } from '../grounding/context-index.ts';
import { groundCitations } from '../grounding/ground-citations.ts';
import type { CitationKind } from '../grounding/reference.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'citations';
const LIMIT_MS = 3000;
const MAX_EVIDENCE = 50;
const MAX_QUOTED_CHARACTERS = 500;

/**
 * Fails an answer that cites what the supplied context does not have: decisions, statutes, DOIs, arXiv and PubMed numbers,
 * addresses, numbered sources, quotations. It proves where a citation comes from, not that it is true. `flag` delivers the answer, marked.
 */
export function citations(): Validator {
  const limit = new TimeLimit();
  return {
    id: ID,
    checkOptions: (options) =>
      options === null || options === 'strict' || options === 'flag' ? null : '`citations` takes `strict` or `flag`',
    rejects: (options) => options !== 'flag',
    check(subject) {
      try {
        return limit.within(LIMIT_MS, () => judge(subject));
      } catch (error) {
        if (error instanceof TimeLimitError) return abstain(ID, `the answer was not checked: ${error.message}`);
        throw error;
      }
    },
  };
}

interface Cited {
  readonly kind: CitationKind;
  readonly text: string;
  readonly place: string;
  readonly found: JsonValue;
}

function judge(subject: Subject): Verdict {
  const { context } = subject;
  if (context.index.length > MAX_CONTEXT_CHARACTERS) return abstain(ID, 'the supplied context is longer than 8 MiB');
  const all: Cited[] = [];
  for (const { text, place } of answerTexts(subject)) {
    const grounded = groundCitations(text, context.index);
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
