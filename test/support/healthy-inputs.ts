import type { DecisionInputs } from '../../src/core/decision.ts';
import type { Eligible } from '../../src/routing/eligible.ts';

/** What a decision is made from when everybody is well, nothing is measured and no objective is set. */
export function healthyInputs({ candidates, fallback }: Eligible): DecisionInputs {
  return {
    pick: 'ordered',
    objective_policy: 'best_effort',
    fallback,
    draw: 0.5,
    candidates: candidates.map(({ name, model }) => ({
      deployment: name,
      model,
      shares: false,
      weight: 1,
      circuit: { state: 'closed', reason: null, retry_in_ms: null },
      price: null,
      tokens: { in: 1, out: null },
      accepted_share: 1,
      ttft: null,
      load: null,
      objectives: [],
      trial_due: false,
    })),
  };
}
