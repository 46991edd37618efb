import type { CandidateInputs } from '../core/decision.ts';
import { usdFromNano, type NanoUsd } from '../core/money.ts';
import type { ObjectiveEvidence } from '../core/objective.ts';
import type { ObjectiveVerdict } from '../core/decision.ts';

/** A US dollar a million tokens is a thousand nano-USD a token. */
const NANO_PER_TOKEN = 1000;

/**
 * What an accepted answer is expected to cost at the price in force: answers that are not accepted are paid for by those
 * that are. `null` while the price, or how long its answers are, is not known.
 */
export function expectedCostNanoUsd({ price, tokens, accepted_share }: CandidateInputs): NanoUsd | null {
  if (price === null || tokens.out === null) return null;
  const once = (tokens.in * price.in + tokens.out * price.out) * NANO_PER_TOKEN;
  if (once === 0) return 0;
  // Where nothing is ever accepted no sum is enough; the record holds numbers only.
  return Math.min(Number.MAX_SAFE_INTEGER, Math.round(once / accepted_share));
}

/** Judges `cost_per_request`, which is reckoned and not measured. */
export function judgeCost(
  { name, limit, n }: ObjectiveEvidence,
  candidate: CandidateInputs,
  value: NanoUsd | null,
): ObjectiveVerdict {
  if (value !== null) {
    const reason = `an accepted answer is expected to cost ${usdFromNano(value)} USD, and may cost ${usdFromNano(limit)}`;
    return { name, limit, value, n, met: value <= limit, reason };
  }
  const lacking = candidate.price === null ? 'its price' : 'how long its answers are';
  return { name, limit, value, n, met: null, reason: `the cost is unknown: ${lacking} is not known` };
}
