import type { CandidateInputs, ObjectiveVerdict } from '../core/decision.ts';
import type { NanoUsd } from '../core/money.ts';
import { judgeObjective } from '../telemetry/judge-objective.ts';
import { MEASURED_FROM } from '../telemetry/observation.ts';
import { expectedCostNanoUsd, judgeCost } from './expected-cost.ts';

/** A candidate by itself: what is found of it before it is compared with the others. */
export interface Assessment {
  readonly candidate: CandidateInputs;
  readonly objectives: readonly ObjectiveVerdict[];
  readonly expectedCostNanoUsd: NanoUsd | null;
  /** 95th percentile of the time to its first content; `null`: too few were measured. */
  readonly ttftP95Ms: number | null;
  /** Whether it surely misses an objective. */
  readonly isMissed: boolean;
  /** Whether the objective it misses is its cost, of which asking it would teach nothing. */
  readonly isTooDear: boolean;
  /** Whether its circuit lets somebody ask it. */
  readonly isAskable: boolean;
}

/** Judges one candidate. */
export function assess(candidate: CandidateInputs): Assessment {
  const cost = expectedCostNanoUsd(candidate);
  const objectives = candidate.objectives.map((evidence) =>
    evidence.name === 'cost_per_request' ? judgeCost(evidence, candidate, cost) : judgeObjective(evidence),
  );
  const { ttft, circuit } = candidate;
  return {
    candidate,
    objectives,
    expectedCostNanoUsd: cost,
    ttftP95Ms: ttft === null || ttft.n < MEASURED_FROM ? null : ttft.p95_ms,
    isMissed: objectives.some(({ met }) => met === false),
    isTooDear: objectives.some(({ name, met }) => met === false && name === 'cost_per_request'),
    isAskable: circuit.state === 'closed' || circuit.state === 'half_open',
  };
}
