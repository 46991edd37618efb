import { failure, type Failure } from '../core/failure.ts';
import type { Verdict } from '../core/record.ts';
import type { Attempt } from './attempt.ts';

const MAX_QUOTE_CHARACTERS = 200;

/** The failure of an answer with this verdict; what shows it is quoted in part. */
export function invalidAnswer({ validator, outcome, reason, place, evidence }: Verdict, attempt: Attempt): Failure {
  const where = place === undefined ? '' : ` (${place})`;
  const message = attempt.scrub(`${validator}: ${reason ?? outcome}${where}`);
  const [first] = evidence ?? [];
  if (first === undefined) return failure('validation_failed', message);
  const quote = attempt.scrub(typeof first === 'string' ? first : JSON.stringify(first));
  return failure('validation_failed', message, { quote: quote.slice(0, MAX_QUOTE_CHARACTERS) });
}
