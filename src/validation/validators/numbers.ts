import { isJsonObject, type JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { answerTexts, type AnswerText } from '../grounding/answer-texts.ts';
import { MAX_CONTEXT_CHARACTERS } from '../grounding/context-index.ts';
import type { Grounding } from '../grounding/grounding-service.ts';
import type { GroundingThread } from '../grounding/grounding-thread.ts';
import type { FactTerms } from '../grounding/unsupported-facts.ts';
import type { SuppliedContext } from '../supplied-context.ts';
import { abstain, fail, pass, type Validator } from '../validator.ts';

const ID = 'numbers';
const TAKES =
  '`numbers` takes `strict`, `flag`, or { mode: strict|flag, entities: true|false, allow_computed: true|false }';
const MAX_EVIDENCE = 50;
const PLURALS = { number: 'numbers', date: 'dates', name: 'names' } as const;

/** Fails an answer with numbers, dates or names that the supplied context does not have. `flag` delivers it, marked. */
export function numbers(thread: GroundingThread): Validator {
  return {
    id: ID,
    checkOptions: (options) => ('problem' in read(options) ? TAKES : null),
    rejects: (options) => modeOf(options) !== 'flag',
    check(subject, options) {
      const terms = read(options);
      if ('problem' in terms) throw new Error(TAKES);
      const { context } = subject;
      if (context.index.length > MAX_CONTEXT_CHARACTERS)
        return abstain(ID, 'the supplied context is longer than 8 MiB');
      const texts = answerTexts(subject);
      const job = { terms, answer: texts.map(({ text }) => text) };
      return thread.ground(job, context, (grounding) => verdictOf(grounding, texts, context));
    },
  };
}

function verdictOf(
  { facts: checked, problem = 'nothing was compared' }: Grounding,
  texts: readonly AnswerText[],
  context: SuppliedContext,
): Verdict {
  if (checked === undefined) return abstain(ID, `the answer was not checked: ${problem}`);
  const facts = texts.flatMap(({ text, place }, index) =>
    (checked[index] ?? []).map(({ kind, start, end, isSupported }) => ({
      kind,
      text: text.slice(start, end),
      place: place(start, end),
      isSupported,
    })),
  );
  const unsupported = facts.filter(({ isSupported }) => !isSupported);
  const [first] = unsupported;
  if (first === undefined) return pass(ID);
  const kinds = [...new Set(unsupported.map(({ kind }) => PLURALS[kind]))].join(', ');
  const reason = `${unsupported.length} of ${facts.length} facts ${unsupported.length === 1 ? 'is' : 'are'} not in the supplied context (${kinds})`;
  const evidence = unsupported.slice(0, MAX_EVIDENCE).map(({ kind, text, place }) => ({ kind, text, place }));
  const unreadable = context.unreadableParts;
  if (unreadable === 0) return fail(ID, reason, { place: first.place, evidence });
  // What is not in the texts may be in these.
  return { ...abstain(ID, `${reason}, and ${unreadable} of its parts cannot be read`), place: first.place, evidence };
}

function modeOf(options: JsonValue): JsonValue {
  return isJsonObject(options) ? (options['mode'] ?? 'strict') : (options ?? 'strict');
}

function read(options: JsonValue): FactTerms | { readonly problem: true } {
  const words = isJsonObject(options) ? options : {};
  const { entities = true, allow_computed: allowComputed = false } = words as {
    readonly entities?: JsonValue;
    readonly allow_computed?: JsonValue;
  };
  const isKnown = Object.keys(words).every((word) => ['mode', 'entities', 'allow_computed'].includes(word));
  const isMode = ['strict', 'flag'].includes(modeOf(options) as string);
  if (!isKnown || !isMode || typeof entities !== 'boolean' || typeof allowComputed !== 'boolean')
    return { problem: true };
  return { entities, allowComputed };
}
