import type { CandidateDecision, Decision, DecisionInputs } from '../core/decision.ts';

/**
 * Who would be cheaper, where the order of the config puts a dearer one first: the cheapest of those that may be asked
 * and miss no objective. `null` when there is nobody, when `pick` is another, or when the first one's cost is not known.
 */
export function cheaperFeasible(inputs: DecisionInputs, decision: Decision): CandidateDecision | null {
  if (inputs.pick !== 'ordered') return null;
  const first = decision.candidates.find(({ deployment }) => deployment === decision.order[0]);
  if (first === undefined) return null;
  let cheapest = first;
  for (const candidate of decision.candidates) {
    if (candidate.standing === 'asked' && isCheaper(candidate, cheapest)) cheapest = candidate;
  }
  return cheapest === first ? null : cheapest;
}

function isCheaper(one: CandidateDecision, other: CandidateDecision): boolean {
  const { expected_cost_nano_usd: cost } = one;
  return cost !== null && other.expected_cost_nano_usd !== null && cost < other.expected_cost_nano_usd;
}
