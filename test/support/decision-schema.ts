import { z } from 'zod';

/** What a decision is made from, as records keep it: strict, since it is decided again from it. */

const name = z.string().min(1);
const figure = z.number().nonnegative();

const evidenceSchema = z.strictObject({
  name: z.enum(['ttft_p95', 'tokens_per_second', 'error_rate', 'valid_rate', 'cost_per_request']),
  limit: figure,
  value: figure.nullable(),
  n: figure,
  misses: figure,
  cusum: figure,
  was_missed: z.boolean(),
  trial: z.strictObject({ n: figure, misses: figure }),
});

const candidateSchema = z.strictObject({
  deployment: name,
  model: name,
  shares: z.boolean(),
  weight: z.number().positive(),
  circuit: z.strictObject({
    state: z.enum(['closed', 'half_open', 'open', 'cooling']),
    reason: name.nullable(),
    retry_in_ms: figure.nullable(),
  }),
  price: z.strictObject({ in: figure, out: figure }).nullable(),
  tokens: z.strictObject({ in: figure, out: figure.nullable() }),
  accepted_share: z.number().min(0).max(1),
  ttft: z.strictObject({ n: figure, p50_ms: figure, p95_ms: figure }).nullable(),
  load: figure.nullable(),
  objectives: z.array(evidenceSchema),
  trial_due: z.boolean(),
  stands_in: z
    .array(
      z.strictObject({
        for: name,
        certificate: z.string().startsWith('cert_').nullable(),
        state: z.enum(['none', 'collecting', 'granted', 'watched', 'suspended', 'expired', 'void']),
        reason: name,
      }),
    )
    .optional(),
});

/** One rule, as it was evaluated for one request. */
export const triedRuleSchema = z.strictObject({
  at: name,
  when: name.nullable(),
  outcome: z.enum(['matched', 'no', 'failed']),
  problem: name.nullable(),
});

/** What was decided of a request, and from what. */
export const decisionSchema = z.strictObject({
  inputs: z.strictObject({
    pick: z.enum(['ordered', 'fastest', 'cheapest', 'weighted']),
    objective_policy: z.enum(['best_effort', 'fail']),
    fallback: z.enum(['certified', 'degraded', 'off']),
    draw: z.number().min(0).lt(1),
    candidates: z.array(candidateSchema),
  }),
  order: z.array(name),
  usual: name.nullable(),
  rules: z.array(triedRuleSchema),
});
