import type { CandidateReason, CandidateRecord, DecisionRecord } from '../core/record.ts';
import { missedObjectives, type Plan } from '../routing/plan.ts';
import type { Attempt } from './attempt.ts';

/** What the decision was made from and what came of it; `null` when there is none. */
export function recordedDecision(plan: Plan | null): DecisionRecord | null {
  if (plan === null) return null;
  const { inputs, decision, target } = plan;
  return { inputs, order: decision.order, usual: decision.usual, rules: target.rules };
}

/**
 * Every candidate with what was decided on it.
 * @param passedOver those that could not be asked when their turn came, by deployment
 */
export function recordedCandidates(
  plan: Plan | null,
  attempts: readonly Attempt[],
  passedOver: ReadonlyMap<string, CandidateReason>,
): readonly CandidateRecord[] {
  if (plan === null) return [];
  const tried = new Set(attempts.map((attempt) => attempt.deployment.name));
  const usable = plan.candidates.map(({ name }): CandidateRecord => {
    const missed = missedObjectives(name, plan);
    if (tried.has(name)) return { deployment: name, verdict: 'tried', reasons: missed };
    const reason = passedOver.get(name);
    if (reason === undefined) return { deployment: name, verdict: 'eligible', reasons: missed };
    return { deployment: name, verdict: 'excluded', reasons: [reason] };
  });
  const excluded = plan.excluded.map(({ deployment, reasons }): CandidateRecord => {
    return { deployment: deployment.name, verdict: 'excluded', reasons };
  });
  return [...usable, ...excluded];
}
