import { hasRefused, type Answer } from '../core/answer.ts';
import type { Route } from '../core/route.ts';
import { pairedScores, type ComparedAnswer } from '../substitution/paired-scores.ts';
import { confidenceTerms } from '../validation/validators/confidence.ts';
import { askBeside, isOfSameFamily, type Besides } from './ask-beside.ts';

/**
 * How far a model of another family gives the same answer to the same request, from 0 to 1, where the route asks for that.
 * `null`: it does not, or nobody can tell: the answer is prose, that model is of the same family, or it gave no answer
 * that holds.
 */
export async function agreementWith(answer: Answer, route: Route | null, besides: Besides): Promise<number | null> {
  const { exchange } = besides.generation;
  const choice = route?.validators.find(({ id }) => id === 'confidence');
  const model = choice === undefined ? null : confidenceTerms(choice.options).agreement;
  if (model === null || exchange.aside?.purpose === 'agreement' || answer.alternatives.length > 0) return null;
  const ours = comparable(answer);
  // What cannot be told to agree with itself is prose.
  if (agreementOf(ours, ours) === null || isOfSameFamily(model, besides)) return null;
  const { request, dialect } = exchange;
  // The same route, whatever chose it.
  const directives = { ...request.directives, route: route?.name ?? null };
  const question = { purpose: 'agreement', model, request: { ...request, directives }, dialect } as const;
  const asked = await askBeside(question, besides);
  const theirs = asked?.recorded?.status === 'complete' ? (asked.served?.answer ?? null) : null;
  return theirs === null ? null : agreementOf(ours, comparable(theirs));
}

function agreementOf(ours: ComparedAnswer, theirs: ComparedAnswer): number | null {
  return pairedScores(ours, theirs, { validators: [], expected: undefined }).agreement;
}

function comparable(answer: Answer): ComparedAnswer {
  const { text, toolCalls } = answer;
  return { text, toolCalls, hasRefused: hasRefused(answer), validation: { status: 'none', verdicts: [] } };
}
