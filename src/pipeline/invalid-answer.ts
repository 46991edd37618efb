import { failure, type Failure } from '../core/failure.ts';
import type { Verdict } from '../core/record.ts';
import type { Route } from '../core/route.ts';
import type { Attempt } from './attempt.ts';
import { withoutOwnNames } from './recorded-place.ts';

const MAX_QUOTE_CHARACTERS = 200;

/** The failure of an answer with this verdict on the route. What shows it is quoted in part, for the client alone. */
export function invalidAnswer(verdict: Verdict, attempt: Attempt, route: Route | null): Failure {
  const { validator, outcome, reason, place } = withoutOwnNames(verdict, attempt.adapted.request, route);
  const where = place === undefined ? '' : ` (${place})`;
  const message = attempt.scrub(`${validator}: ${reason ?? outcome}${where}`);
  const shown = verdict.evidence?.[0] ?? (place === verdict.place ? undefined : verdict.place);
  if (shown === undefined) return failure('validation_failed', message);
  const quote = attempt.scrub(typeof shown === 'string' ? shown : JSON.stringify(shown));
  return failure('validation_failed', message, { quote: quote.slice(0, MAX_QUOTE_CHARACTERS) });
}
