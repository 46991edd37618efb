import { isFailure } from '../core/failure.ts';
import type { Pass } from '../routing/circuits.ts';
import { sizeBucket } from '../telemetry/observation.ts';
import type { ObjectiveChange } from '../telemetry/telemetry.ts';
import type { Attempt } from './attempt.ts';
import { passOutcome } from './attempt-outcome.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import { observedAttempt, promptTokensOf, type EndedAttempt } from './observed-attempt.ts';

/** Tells circuits and meters how an attempt ended. */
export function settleAttempt(ended: EndedAttempt, pass: Pass, generation: Generation, steps: Steps): void {
  // What Candor asks itself says nothing of how clients fare.
  if (generation.exchange.aside !== undefined) {
    pass.settle({ kind: 'neutral' });
    return;
  }
  pass.settle(passOutcome(ended.attempt, ended.result));
  // Nobody answered, and nobody was slow: the socket was closed before the request came.
  if (isFailure(ended.result) && ended.result.kind === 'stale_socket') return;
  const observation = observedAttempt(ended, generation);
  const objectives = generation.plan?.target.route?.objectives ?? [];
  const changes = steps.telemetry.record(observation, objectives, ended.attempt.isFirstContentTold);
  steps.metrics.observe(observation);
  logChanges(changes, steps);
}

/** Tells the meters of the first content of a stream as it comes: an answer may take long to end. */
export function tellFirstContent(attempt: Attempt, generation: Generation, steps: Steps): void {
  const { firstTokenMs, isFirstContentTold } = attempt;
  // After a pause the vendor has read the question already.
  if (
    firstTokenMs === null ||
    isFirstContentTold ||
    attempt.continues !== null ||
    generation.exchange.aside !== undefined
  )
    return;
  attempt.isFirstContentTold = true;
  const route = generation.plan?.target.route ?? null;
  const bucket = sizeBucket(promptTokensOf(generation));
  const place = { route: route?.name ?? null, deployment: attempt.deployment.name, bucket };
  logChanges(steps.telemetry.firstContent(place, firstTokenMs, route?.objectives ?? []), steps);
}

function logChanges(changes: readonly ObjectiveChange[], steps: Steps): void {
  for (const { deployment, route, objective, change } of changes) {
    const { name, reason } = objective;
    steps.decisions.add({ kind: 'objective', deployment, route, what: `${name} ${change}`, reason });
  }
}
