import fc from 'fast-check';

import type { CandidateInputs, CircuitState, CircuitView, DecisionInputs } from '../../src/core/decision.ts';
import type { ObjectiveEvidence } from '../../src/core/objective.ts';

/** A candidate of which nothing is known, but for what is said. */
export function candidateInputs(deployment: string, said: Partial<CandidateInputs> = {}): CandidateInputs {
  return {
    deployment,
    model: deployment.split('/')[1] ?? deployment,
    shares: false,
    weight: 1,
    circuit: circuitView('closed'),
    price: null,
    tokens: { in: 1000, out: null },
    accepted_share: 1,
    ttft: null,
    load: null,
    objectives: [],
    trial_due: false,
    ...said,
  };
}

export function circuitView(state: CircuitState): CircuitView {
  if (state === 'closed') return { state, reason: null, retry_in_ms: null };
  return { state, reason: 'a reason', retry_in_ms: state === 'half_open' ? null : 4000 };
}

/** Evidence that an objective is met, is missed, or that says nothing. */
export function evidenceOf(name: ObjectiveEvidence['name'], found: 'met' | 'missed' | 'unknown'): ObjectiveEvidence {
  const misses = found === 'missed' ? 20 : 0;
  const evidence = { name, limit: name === 'valid_rate' ? 0.9 : 0.05, value: null, misses, cusum: misses };
  const n = found === 'unknown' ? 1 : 40;
  return { ...evidence, n, was_missed: found === 'missed', trial: { n: 0, misses: 0 } };
}

/** Whole decisions of few candidates, of small numbers, so that much is equal. */
export function decisionInputsArbitrary(): fc.Arbitrary<DecisionInputs> {
  const candidate = fc.record({
    model: fc.constantFrom('a', 'b', 'c'),
    weight: fc.constantFrom(1, 2, 5),
    circuit: fc
      .constantFrom(...(['closed', 'closed', 'closed', 'half_open', 'open', 'cooling'] as const))
      .map(circuitView),
    price: fc.option(fc.record({ in: fc.constantFrom(0, 1, 2), out: fc.constantFrom(1, 4) })),
    tokens: fc.record({ in: fc.constantFrom(100, 1000), out: fc.option(fc.constantFrom(0, 100)) }),
    accepted_share: fc.constantFrom(1, 0.5),
    ttft: fc.option(
      fc.record({ n: fc.constantFrom(3, 8, 20.5), p50_ms: fc.constant(90), p95_ms: fc.constantFrom(100, 200, 300) }),
    ),
    load: fc.option(fc.constantFrom(0, 5, 9)),
    quality: fc.constantFrom('met', 'met', 'missed', 'unknown'),
    trial_due: fc.boolean(),
  });
  return fc
    .record({
      pick: fc.constantFrom('ordered', 'fastest', 'cheapest', 'weighted'),
      objective_policy: fc.constantFrom('best_effort', 'fail'),
      fallback: fc.constantFrom('degraded', 'off'),
      draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      whole: fc.subarray(['a', 'b', 'c']),
      costLimit: fc.option(fc.constantFrom(150_000, 500_000)),
      hasObjective: fc.boolean(),
      found: fc.array(candidate, { maxLength: 5 }),
    })
    .map(({ whole, costLimit, hasObjective, found, ...terms }) => ({
      ...terms,
      candidates: found.map(({ quality, ...inputs }, index) => {
        const objectives = hasObjective ? [evidenceOf('error_rate', quality)] : [];
        if (costLimit !== null) objectives.push({ ...evidenceOf('cost_per_request', 'unknown'), limit: costLimit });
        return { deployment: `p${index}/${inputs.model}`, shares: whole.includes(inputs.model), objectives, ...inputs };
      }),
    }));
}
