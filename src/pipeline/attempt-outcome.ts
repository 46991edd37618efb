import type { Answer } from '../core/answer.ts';
import { isFailure, type Failure, type FailureKind } from '../core/failure.ts';
import type { PassOutcome } from '../routing/circuits.ts';
import type { ObservedOutcome } from '../telemetry/observation.ts';
import type { Attempt } from './attempt.ts';

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
  'low_confidence',
  'content_filter',
  'invalid_request',
  'unsupported_parameter',
  'context_length_exceeded',
  'request_too_large_for_model',
]);

/** What the circuit is told of an attempt: whether its upstream was well. */
export function passOutcome(attempt: Attempt, result: Answer | Failure): PassOutcome {
  if (!isFailure(result) || ANSWERED.has(result.kind)) return { kind: 'ok' };
  const { kind, retryAfterMs } = result;
  if (NEUTRAL.has(kind) || (kind === 'total_timeout' && !isSilentThroughout(attempt))) return { kind: 'neutral' };
  if (kind === 'rate_limited') return { kind: 'limited', retryAfterMs };
  return kind === 'auth' || kind === 'quota'
    ? { kind: 'rejected_key', reason: kind }
    : { kind: 'failed', reason: kind };
}

/** Whether it had the whole time of the request and said nothing. Who was asked late had what others left of it. */
function isSilentThroughout({ answer, firstTokenAt, number }: Attempt): boolean {
  return answer === null && firstTokenAt === null && number === 1;
}

/** What the meters are told of it: whether its answer was any good. */
export function observedOutcome(attempt: Attempt, result: Answer | Failure): ObservedOutcome {
  if (!isFailure(result)) return result.finishReason === 'content_filter' ? 'refused' : 'accepted';
  if (result.kind === 'validation_failed' || result.kind === 'low_confidence') return 'invalid';
  if (result.kind === 'content_filter') return 'refused';
  if (result.kind === 'rate_limited') return 'limited';
  if (ANSWERED.has(result.kind)) return 'neutral';
  return passOutcome(attempt, result).kind === 'neutral' ? 'neutral' : 'failed';
}
