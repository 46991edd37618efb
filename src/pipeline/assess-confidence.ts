import type { ConfidenceScope } from '../confidence/label.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import { abstain, fail, pass } from '../validation/validator.ts';
import type { Attempt } from './attempt.ts';
import { simulatedSnapshot } from './evidence-log.ts';
import type { Steps } from './exchange.ts';

/** Notes on the attempt how sure it is that its answer is right. */
export function assessConfidence(attempt: Attempt, signals: JsonObject, route: Route | null, steps: Steps): void {
  const { value, status, lower95, n } = steps.confidences.assess(scopeOf(attempt, route), signals);
  attempt.confidence = value === null || lower95 === null ? { value, status, signals } : { value, status, lower95, n, signals };
}

/**
 * Whether the answer is as sure as the route's `accept` wants it: what stands against it as a failure, `null` when it may
 * be handed over. Its verdict is noted on the attempt.
 */
export function refuseUnsure(attempt: Attempt, route: Route | null, steps: Steps): Failure | null {
  const terms = route?.accept ?? null;
  if (route === null || terms === null) return null;
  const { verdict, reason } = steps.confidences.acceptance(scopeOf(attempt, route), terms, attempt.confidence.signals);
  if (verdict === 'accept') {
    attempt.addVerdict(pass('accept'));
    return null;
  }
  attempt.addVerdict(verdict === 'reject' ? fail('accept', reason) : abstain('accept', reason));
  const isLetThrough = verdict === 'unknown' && route.onAbstain === 'flag';
  return isLetThrough ? null : failure('low_confidence', `accept: ${reason}`);
}

function scopeOf({ deployment, adapted }: Attempt, route: Route | null): ConfidenceScope {
  const { modelId, model, simulated } = deployment;
  const snapshot = simulated ? simulatedSnapshot(modelId) : modelId;
  return { route: route?.name ?? null, snapshot, template: adapted.template, model };
}
