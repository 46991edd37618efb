import { certificateFor, type CandidateDecision } from '../core/decision.ts';
import type { Deployment } from '../core/deployment.ts';
import { FAILURES } from '../core/failure.ts';
import type { FallbackNote } from '../core/record.ts';
import type { ExcludedCandidate } from '../routing/eligible.ts';
import { decisionOn, type Plan } from '../routing/plan.ts';
import type { Attempt } from './attempt.ts';

/**
 * What is said where somebody else than usual answers; `null` when the usual model does, from where it was picked. To
 * ask the same deployment again is no fallback, nor is to pick among candidates that were declared equal.
 */
export function fallbackNote(
  plan: Plan,
  passedOver: readonly ExcludedCandidate[],
  attempts: readonly Attempt[],
  served: Attempt | null,
): FallbackNote | null {
  const { usual } = plan;
  if (usual === null || served === null || usual.name === served.deployment.name) return null;
  const hasFailedElsewhere = attempts.some(
    ({ failed, deployment }) => failed !== null && deployment.name !== served.deployment.name,
  );
  const isLeftOut = isShut(decisionOn(usual.name, plan)) || passedOver.some(({ deployment }) => deployment === usual);
  const isReplaced = usual.model !== served.deployment.model || isLeftOut;
  if (!isReplaced && !hasFailedElsewhere) return null;
  return { reason: reasonToReplace(usual, plan, attempts, served), certificate: certificateOf(plan, served) };
}

/** The certificate with which the one who served may stand in for the usual model; `null`: it has none, or needs none. */
export function certificateOf(plan: Plan, served: Attempt): string | null {
  const { usual, inputs } = plan;
  const candidate = inputs.candidates.find((each) => each.deployment === served.deployment.name);
  if (usual === null || candidate === undefined || candidate.model === usual.model) return null;
  return certificateFor(usual.model, candidate);
}

/** Why somebody else than the usual one is asked: the last failure before, else what was known beforehand. */
export function reasonToReplace(
  usual: Deployment,
  plan: Plan,
  attempts: readonly Attempt[],
  served: Attempt | null,
): string {
  const failed = attempts.findLast((attempt) => attempt.failed !== null && attempt !== served)?.failed;
  if (failed) return FAILURES[failed.kind].code;
  const decision = decisionOn(usual.name, plan);
  return decision?.standing === 'last_resort' || decision?.excluded_by === 'objective' ? 'slo' : 'circuit_open';
}

/** Whether another model than the usual one serves. */
export function isOtherModel({ usual }: Plan, served: Attempt): boolean {
  return usual !== null && served.deployment.model !== usual.model;
}

/** Whether it was asked although it misses an objective, since nobody else was left. */
export function isLastResort(plan: Plan | null, served: Attempt | null): boolean {
  return plan !== null && served !== null && decisionOn(served.deployment.name, plan)?.standing === 'last_resort';
}

/** Whether it cannot be asked at all. */
function isShut(decision: CandidateDecision | undefined): boolean {
  return decision?.excluded_by === 'circuit' || decision?.excluded_by === 'cooling';
}
