import type { CandidateRecord, DecisionRecord } from '../core/record.ts';
import type { ExcludedCandidate } from '../routing/eligible.ts';
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
 * @param excluded by the plan, or when their turn came
 */
export function recordedCandidates(
  plan: Plan | null,
  excluded: readonly ExcludedCandidate[],
  attempts: readonly Attempt[],
): readonly CandidateRecord[] {
  if (plan === null) return [];
  const tried = new Set(attempts.map((attempt) => attempt.deployment.name));
  const left = new Set(excluded.map(({ deployment }) => deployment.name));
  const usable = plan.candidates.flatMap(({ name }): readonly CandidateRecord[] => {
    if (left.has(name)) return [];
    return [
      { deployment: name, verdict: tried.has(name) ? 'tried' : 'eligible', reasons: missedObjectives(name, plan) },
    ];
  });
  return [
    ...usable,
    ...excluded.map(({ deployment, reasons }): CandidateRecord => {
      return { deployment: deployment.name, verdict: 'excluded', reasons };
    }),
  ];
}
