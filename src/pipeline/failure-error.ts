import { GatewayError } from '../core/errors.ts';
import { failureClass, FAILURES, type Failure, type FailureKind } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { LedgerUnavailable } from '../ledger/ledger.ts';
import { refusals } from '../routing/eligible.ts';
import { missingCertificates, noCertifiedFallback } from '../routing/plan.ts';
import type { Attempt } from './attempt.ts';
import { clientParam } from './client-param.ts';
import type { Generation } from './generation.ts';
import { isRefusedReask } from './refused-reask.ts';

/** What ends a request whoever is asked. */
const ENDS: ReadonlySet<FailureKind> = new Set([
  'deadline_exceeded',
  'total_timeout',
  'client_closed',
  'shutting_down',
]);

/** What we advise to wait where no vendor said how long its rate limit lasts. */
const UNKNOWN_LIMIT_MS = 1000;

/** The error that ends a request none of whose attempts gave an acceptable answer. */
export function errorOfAttempts(generation: Generation, ended: Failure): GatewayError {
  const { attempts } = generation;
  const last = attempts.at(-1)?.failed;
  // Interrupted before anybody was asked.
  if (!last) return new GatewayError(FAILURES[ended.kind].code, ended.message);
  const failed = attempts.flatMap((attempt) => (attempt.failed === null ? [] : [attempt]));
  // On a stale socket nobody was asked.
  const answered = failed.filter((attempt) => attempt.failed?.kind !== 'stale_socket');
  const allLimited = answered.length > 0 && answered.every((attempt) => attempt.failed?.kind === 'rate_limited');
  // What is wrong with the request itself does not pass by waiting.
  const waitMs = failureClass(last.kind) === 'D' ? null : last.retryAfterMs;
  const limited = allLimited ? answered : failed.filter((attempt) => attempt.failed === last);
  const retryAfterMs = allLimited || last.kind === 'rate_limited' ? limitedForMs(limited) : waitMs;
  const options = { details: attemptDetails(generation), retryAfterMs, ...quoteOf(failed) };
  const asked = new Set(failed.map(({ deployment }) => deployment.name));
  // It ended between two attempts.
  if (ended.kind !== last.kind && ENDS.has(ended.kind)) {
    const code = failureClass(ended.kind) === 'X' ? FAILURES[ended.kind].code : 'deadline_exceeded';
    return new GatewayError(code, `${ended.message}: ${sentences(failed)}`, options);
  }
  if (last.kind === 'total_timeout' && asked.size > 1) {
    return new GatewayError('deadline_exceeded', `${last.message}: ${sentences(failed)}`, options);
  }
  const { plan } = generation;
  const refusedReask = isRefusedReask(attempts);
  const isOver = !refusedReask && (failureClass(last.kind) === 'D' || failureClass(last.kind) === 'X');
  // Somebody else could have been asked, had they earned it: that is what the operator can change.
  if (!isOver && plan !== null && missingCertificates(plan).length > 0) {
    return noCertifiedFallback(plan, sentences(failed), options.details);
  }
  if (asked.size === 1 && !refusedReask) return errorOfFailure(failed.at(-1) as Attempt, last, options);
  // Whoever ended it says why: a fault of the request itself, its deadline, the client or our own end.
  if (isOver) {
    return new GatewayError(FAILURES[last.kind].code, sentences(failed.toReversed()), options);
  }
  if (failed.some((attempt) => attempt.failed?.kind === 'validation_failed')) {
    return new GatewayError('validation_failed', `no acceptable answer: ${sentences(failed)}`, options);
  }
  if (failed.some((attempt) => attempt.failed?.kind === 'low_confidence')) {
    return new GatewayError('low_confidence', `no answer was sure enough: ${sentences(failed)}`, options);
  }
  const code = allLimited ? 'upstream_rate_limited' : 'attempts_exhausted';
  return new GatewayError(code, `all ${asked.size} candidates that were asked failed: ${sentences(failed)}`, options);
}

/** How long until the first of the vendors may take a request again; they do not always say, but our 429 always does. */
function limitedForMs(limited: readonly Attempt[]): number {
  const known = limited.flatMap((attempt) => attempt.failed?.retryAfterMs ?? []);
  return known.length === 0 ? UNKNOWN_LIMIT_MS : Math.min(...known);
}

/** The error for the failure of the one candidate there was. */
function errorOfFailure(
  attempt: Attempt,
  failed: Failure,
  options: { readonly details: JsonObject; readonly retryAfterMs: number | null; readonly quote?: string },
): GatewayError {
  const param = clientParam(attempt);
  return new GatewayError(FAILURES[failed.kind].code, sentence(attempt), { ...options, param });
}

/** The error with which a stream ends that broke after its first content. */
export function errorOfBrokenStream(generation: Generation, failed: Failure): GatewayError {
  const attempt = generation.attempts.at(-1);
  const message = attempt === undefined ? failed.message : sentence(attempt);
  return new GatewayError(
    streamCode(failed.kind),
    failed.kind === 'validation_failed' || failed.kind === 'low_confidence'
      ? message
      : `${message}; the answer is incomplete`,
    {
      details: attemptDetails(generation),
      ...quoteOf(attempt === undefined ? [] : [attempt]),
    },
  );
}

/** What the latest check that failed found in the answer. */
function quoteOf(attempts: readonly Attempt[]): { readonly quote?: string } {
  const quote = attempts.findLast(({ failed }) => failed?.quote !== undefined)?.failed?.quote;
  return quote === undefined ? {} : { quote };
}

/** A body that breaks for whatever reason is to the client a truncated answer, unless a timer or a check of ours ended it. */
function streamCode(kind: FailureKind): (typeof FAILURES)[FailureKind]['code'] {
  return kind === 'reset' || kind === 'unreachable' ? 'upstream_truncated' : FAILURES[kind].code;
}

function attemptDetails(generation: Generation): JsonObject {
  return {
    attempts: generation.attempts.map((attempt) => ({
      ...attempt.summary(),
      upstream: upstreamOf(attempt),
      ...(attempt.failed?.kind === 'validation_failed'
        ? { verdicts: attempt.validation.verdicts.map(toldVerdict) }
        : {}),
    })),
    refused: refusals(generation.excluded),
  };
}

function toldVerdict({ validator, outcome, reason, place, evidence }: Verdict): JsonObject {
  return { validator, outcome, reason, place, evidence };
}

function upstreamOf(attempt: Attempt): JsonObject | null {
  const upstream = attempt.failed?.upstream;
  return upstream ? { status: upstream.status, code: upstream.code, message: upstream.message } : null;
}

function sentences(attempts: readonly Attempt[]): string {
  return attempts.map(sentence).join('; ');
}

function sentence(attempt: Attempt): string {
  return `${attempt.deployment.name} failed (${attempt.kind}): ${attempt.failed?.message ?? 'no reason is known'}`;
}

/** The error behind anything thrown on the way: what is no error of ours is our own fault. */
export function gatewayErrorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return thrown instanceof LedgerUnavailable
    ? ledgerError(thrown)
    : new GatewayError('internal_error', 'Candor itself failed while handling the request', { cause: thrown });
}

/** The error of a record that could not be written. */
export function ledgerError(cause: unknown): GatewayError {
  return new GatewayError(
    'ledger_unavailable',
    'the record of this request could not be written, so nothing is answered',
    {
      retryAfterMs: 1000,
      cause,
    },
  );
}
