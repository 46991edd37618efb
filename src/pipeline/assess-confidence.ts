import { fieldConfidence } from '../confidence/field-confidence.ts';
import type { ConfidenceScope } from '../confidence/label.ts';
import type { Answer } from '../core/answer.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import type { Confidence } from '../core/record.ts';
import type { Route } from '../core/route.ts';
import { abstain, fail, pass } from '../validation/validator.ts';
import { confidenceTerms } from '../validation/validators/confidence.ts';
import type { Attempt } from './attempt.ts';
import { answeringSnapshot } from './evidence-log.ts';
import type { Steps } from './exchange.ts';

/** Notes on the attempt how sure it is that its answer is right. */
export function assessConfidence(attempt: Attempt, signals: JsonObject, route: Route | null, steps: Steps): void {
  const { value, status, lower95, n } = steps.confidences.assess(
    scopeOf(attempt, route),
    signals,
    route?.accept ?? null,
  );
  attempt.confidence =
    value === null || lower95 === null ? { value, status, signals } : { value, status, lower95, n, signals };
}

/**
 * Whether the answer is as sure as the route wants it, by its validator `confidence` and by `accept`: what stands against
 * it as a failure, `null` when it may be handed over. The verdicts are noted on the attempt.
 */
export function refuseUnsure(attempt: Attempt, route: Route | null, steps: Steps): Failure | null {
  return refuseBelow(attempt, route) ?? refuseByRule(attempt, route, steps);
}

/** A score that no labels have calibrated is no probability, and is compared with none. */
function refuseBelow(attempt: Attempt, route: Route | null): Failure | null {
  const choice = route?.validators.find(({ id }) => id === 'confidence');
  if (choice === undefined) return null;
  const { min } = confidenceTerms(choice.options);
  const { value, status } = attempt.confidence;
  if (value !== null && value >= min) {
    attempt.addVerdict(pass('confidence'));
    return null;
  }
  const reason =
    value === null
      ? `it is not known (${status}), so it cannot be compared with ${min}: label answers, or write on_abstain: flag`
      : `${value} is below ${min} (${status})`;
  attempt.addVerdict(value === null ? abstain('confidence', reason) : fail('confidence', reason));
  return value === null && route?.onAbstain === 'flag' ? null : failure('low_confidence', `confidence: ${reason}`);
}

function refuseByRule(attempt: Attempt, route: Route | null, steps: Steps): Failure | null {
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

function scopeOf(attempt: Attempt, route: Route | null): ConfidenceScope {
  const { deployment, adapted, modelReported } = attempt;
  // As the record has it, from which its labels come.
  const reported = modelReported === null ? null : attempt.scrub(modelReported);
  const snapshot = answeringSnapshot(deployment.modelId, reported, deployment.simulated);
  return { route: route?.name ?? null, snapshot, template: adapted.template, model: deployment.model };
}

/** So many values of one answer are told. */
const MOST_FIELDS = 200;

/**
 * How likely each value of an answer's JSON was to its own model, by JSON pointer: raw likelihoods, which say nothing of how
 * often such values are right. Nothing where the vendor gives no likelihoods or the text is no JSON.
 */
export function fieldLikelihoods({ text, logprobs }: Answer): Pick<Confidence, 'fields'> {
  const entries = logprobs?.content ?? null;
  if (text === null || entries === null) return {};
  const found = [...fieldConfidence(text, entries)].slice(0, MOST_FIELDS);
  if (found.length === 0) return {};
  const fields = found.map(([pointer, { p, margin }]) => [pointer, { likelihood: p, margin }] as const);
  return { fields: Object.fromEntries(fields) };
}
