import type { Answer } from '../core/answer.ts';
import { isFailure, SILENCES, type Failure, type FailureKind } from '../core/failure.ts';
import type { Observation } from '../telemetry/observation.ts';
import type { Attempt } from './attempt.ts';
import { observedOutcome } from './attempt-outcome.ts';
import type { Generation } from './generation.ts';

/** How an attempt ended, and why it was made. */
export interface EndedAttempt {
  readonly attempt: Attempt;
  readonly result: Answer | Failure;
  readonly why: Observation['why'];
}

/** As the decision reckoned them, so that both look into one bucket. */
export function promptTokensOf(generation: Generation): number {
  return generation.plan?.inputs.candidates[0]?.tokens.in ?? 0;
}

/** Validity by what the checks said; `null` where nothing was checked or they abstained. */
const VALIDITY: Readonly<Record<string, boolean>> = { passed: true, repaired: true, failed: false };

/** A slow model writes so fast: what an answer's tokens take at most, of one that came whole. */
const SLOW_MS_PER_TOKEN = 100;
/** Below it the clock says more than the model. */
const SHORTEST_FLOW_MS = 20;

/** An attempt that has ended, as the meters see it. */
export function observedAttempt({ attempt, result, why }: EndedAttempt, generation: Generation): Observation {
  const { deployment, usage, firstTokenAt, lastAt } = attempt;
  const streamed = generation.exchange.request.stream;
  const failed = isFailure(result) ? result.kind : null;
  const tokens = usage?.completionTokens ?? null;
  const flowMs = streamed && firstTokenAt !== null && lastAt !== null ? lastAt - firstTokenAt : 0;
  // After a pause the vendor has read the question already.
  const isFirst = attempt.continues === null;
  const hasWaited = attempt.answer === null && firstTokenAt === null && failed !== null && WAITED.has(failed);
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

/** Failures before which somebody waited for the first content. */
const WAITED: ReadonlySet<FailureKind> = new Set([...SILENCES, 'deadline_exceeded', 'client_closed']);

function wholeAnswerMs(attempt: Attempt, tokens: number | null): Observation['wholeMs'] {
  if (attempt.answer === null) return null;
  const latest = attempt.durationMs;
  // How long an answer is that nobody counted, nobody knows: the model may have begun at once.
  return { earliest: tokens === null ? 0 : Math.max(0, latest - tokens * SLOW_MS_PER_TOKEN), latest };
}
