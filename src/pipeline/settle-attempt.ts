import type { Answer } from '../core/answer.ts';
import { isFailure, type Failure, type FailureKind } from '../core/failure.ts';
import type { Pass, PassOutcome } from '../routing/circuits.ts';
import { type Observation, type ObservedOutcome, sizeBucket } from '../telemetry/observation.ts';
import type { ObjectiveChange } from '../telemetry/telemetry.ts';
import type { Attempt } from './attempt.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';

/** An attempt that has ended. */
export interface Ended {
  readonly attempt: Attempt;
  readonly result: Answer | Failure;
  readonly pass: Pass;
  readonly why: Observation['why'];
}

/** Tells circuits and meters how an attempt ended. */
export function settleAttempt(ended: Ended, generation: Generation, steps: Steps): void {
  ended.pass.settle(passOutcome(ended.attempt, ended.result));
  // Nobody answered, and nobody was slow: the socket was closed before the request came.
  if (isFailure(ended.result) && ended.result.kind === 'stale_socket') return;
  const observation = observe(ended, generation);
  const objectives = generation.plan?.target.route?.objectives ?? [];
  const changes = steps.telemetry.record(observation, objectives, ended.attempt.isFirstContentTold);
  steps.metrics.observe(observation);
  logChanges(changes, steps);
}

/** Tells the meters of the first content of a stream as it comes: an answer may take long to end. */
export function tellFirstContent(attempt: Attempt, generation: Generation, steps: Steps): void {
  const { firstTokenMs, isFirstContentTold } = attempt;
  // After a pause the vendor has read the question already.
  if (firstTokenMs === null || isFirstContentTold || attempt.continues !== null) return;
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

/** What says nothing of the upstream: the client, its deadline, or we ended the attempt. */
const NEUTRAL: ReadonlySet<FailureKind> = new Set([
  'client_closed',
  'shutting_down',
  'internal_error',
  'deadline_exceeded',
  'stale_socket',
]);

/** The upstream is well and answered; what it was asked, or what it said, was no good. */
const ANSWERED: ReadonlySet<FailureKind> = new Set([
  'validation_failed',
  'content_filter',
  'invalid_request',
  'unsupported_parameter',
  'context_length_exceeded',
  'request_too_large_for_model',
]);

function passOutcome(attempt: Attempt, result: Answer | Failure): PassOutcome {
  if (!isFailure(result) || ANSWERED.has(result.kind)) return { kind: 'ok' };
  const { kind, retryAfterMs } = result;
  if (NEUTRAL.has(kind) || (kind === 'total_timeout' && !isSilentThroughout(attempt))) return { kind: 'neutral' };
  if (kind === 'rate_limited') return { kind: 'limited', retryAfterMs };
  return kind === 'auth' || kind === 'quota'
    ? { kind: 'rejected_key', reason: kind }
    : { kind: 'failed', reason: kind };
}

/** Whether it had the whole time of the request and said nothing. Who was asked late had what others left of it. */
function isSilentThroughout({ firstTokenAt, number }: Attempt): boolean {
  return firstTokenAt === null && number === 1;
}

function observedOutcome(attempt: Attempt, result: Answer | Failure): ObservedOutcome {
  if (!isFailure(result)) return result.finishReason === 'content_filter' ? 'refused' : 'accepted';
  if (result.kind === 'validation_failed') return 'invalid';
  if (result.kind === 'content_filter') return 'refused';
  if (result.kind === 'rate_limited') return 'limited';
  if (ANSWERED.has(result.kind)) return 'neutral';
  return passOutcome(attempt, result).kind === 'neutral' ? 'neutral' : 'failed';
}

/** Validity by what the checks said; `null` where nothing was checked or they abstained. */
const VALIDITY: Readonly<Record<string, boolean>> = { passed: true, repaired: true, failed: false };

/** A slow model writes so fast: what an answer's tokens take at most, of one that came whole. */
const SLOW_MS_PER_TOKEN = 100;
/** Below it the clock says more than the model. */
const SHORTEST_FLOW_MS = 20;

function observe({ attempt, result, why }: Ended, generation: Generation): Observation {
  const { deployment, usage, firstTokenAt, lastAt } = attempt;
  const streamed = generation.exchange.request.stream;
  const failed = isFailure(result) ? result.kind : null;
  const tokens = usage?.completionTokens ?? null;
  const flowMs = streamed && firstTokenAt !== null && lastAt !== null ? lastAt - firstTokenAt : 0;
  // After a pause the vendor has read the question already.
  const isFirst = attempt.continues === null;
  const hasWaited = firstTokenAt === null && failed !== null && WAITED.has(failed);
  return {
    deployment: deployment.name,
    model: deployment.model,
    route: generation.plan?.target.route?.name ?? null,
    promptTokens: promptTokensOf(generation),
    streamed,
    outcome: observedOutcome(attempt, result),
    failureKind: failed,
    ttftMs: isFirst && streamed ? attempt.firstTokenMs : null,
    wholeMs: isFirst && !streamed ? wholeAnswerMs(attempt, tokens) : null,
    waitedMs: isFirst && hasWaited ? attempt.durationMs : null,
    tokensPerSecond: tokens === null || tokens < 2 || flowMs < SHORTEST_FLOW_MS ? null : ((tokens - 1) / flowMs) * 1000,
    completionTokens: failed === null ? tokens : null,
    stalled: failed === 'idle_timeout',
    valid: failed === 'validation_failed' ? false : (VALIDITY[attempt.validation.status] ?? null),
    repaired: attempt.validation.status === 'repaired',
    costNanoUsd: attempt.cost,
    durationMs: attempt.durationMs,
    simulated: deployment.simulated,
    why,
  };
}

/** As the decision reckoned them, so that both look into one bucket. */
function promptTokensOf(generation: Generation): number {
  return generation.plan?.inputs.candidates[0]?.tokens.in ?? 0;
}

/** Failures before which somebody waited for the first content. */
const WAITED: ReadonlySet<FailureKind> = new Set([
  'dns_timeout',
  'connect_timeout',
  'first_byte_timeout',
  'first_token_timeout',
  'idle_timeout',
  'total_timeout',
  'deadline_exceeded',
  'client_closed',
]);

function wholeAnswerMs(attempt: Attempt, tokens: number | null): Observation['wholeMs'] {
  if (attempt.answer === null) return null;
  const latest = attempt.durationMs;
  // How long an answer is that nobody counted, nobody knows: the model may have begun at once.
  return { earliest: tokens === null ? 0 : Math.max(0, latest - tokens * SLOW_MS_PER_TOKEN), latest };
}
