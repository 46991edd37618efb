import type { Route } from '../core/route.ts';
import { confidenceTerms } from '../validation/validators/confidence.ts';

/** The ids of the route's validators that ask another model: what that costs depends on the answers, and no estimate has it. */
export function askingValidators({ validators }: Pick<Route, 'validators'>): readonly string[] {
  return validators
    .filter(({ id, options }) => id === 'judge' || (id === 'confidence' && confidenceTerms(options).agreement !== null))
    .map(({ id }) => id);
}
