import type { JsonValue } from './json.ts';

/**
 * What an upstream failure allows next:
 * A not processed (safe to ask again) · B ambiguous (may have been billed) · C this target is
 * broken (ask another) · D the request's own fault, or ours (ask nobody) · X the client is gone, or we are going.
 */
export type FailureClass = 'A' | 'B' | 'C' | 'D' | 'X';

interface FailureRow {
  /** The error code a client sees when this was the only candidate; a row of `ERRORS`. */
  readonly code: string;
  readonly class: FailureClass;
}

/** Every way an attempt can go wrong. The kind is the code without its `upstream_`. */
export const FAILURES = {
  unreachable: { code: 'upstream_unreachable', class: 'A' },
  connect_timeout: { code: 'upstream_connect_timeout', class: 'A' },
  dns: { code: 'upstream_dns', class: 'A' },
  dns_timeout: { code: 'upstream_dns_timeout', class: 'A' },
  address_forbidden: { code: 'upstream_address_forbidden', class: 'C' },
  tls: { code: 'upstream_tls', class: 'C' },
  reset: { code: 'upstream_reset', class: 'B' },
  stale_socket: { code: 'upstream_stale_socket', class: 'A' },
  protocol: { code: 'upstream_protocol', class: 'C' },
  headers: { code: 'upstream_headers', class: 'C' },
  redirect_refused: { code: 'upstream_redirect_refused', class: 'C' },
  content_type: { code: 'upstream_content_type', class: 'C' },
  encoding: { code: 'upstream_encoding', class: 'C' },
  invalid_json: { code: 'upstream_invalid_json', class: 'C' },
  invalid_event: { code: 'upstream_invalid_event', class: 'C' },
  invalid_utf8: { code: 'upstream_invalid_utf8', class: 'C' },
  invalid_answer: { code: 'upstream_invalid_answer', class: 'C' },
  frame_too_large: { code: 'upstream_frame_too_large', class: 'C' },
  overrun: { code: 'upstream_overrun', class: 'C' },
  truncated: { code: 'upstream_truncated', class: 'B' },
  first_byte_timeout: { code: 'upstream_first_byte_timeout', class: 'B' },
  first_token_timeout: { code: 'upstream_first_token_timeout', class: 'B' },
  idle_timeout: { code: 'upstream_idle_timeout', class: 'B' },
  total_timeout: { code: 'upstream_total_timeout', class: 'B' },
  unknown_finish_reason: { code: 'upstream_unknown_finish_reason', class: 'C' },
  interrupted: { code: 'upstream_interrupted', class: 'B' },
  pause_turn: { code: 'upstream_pause_turn', class: 'C' },
  malformed_tool_call: { code: 'upstream_malformed_tool_call', class: 'C' },
  auth: { code: 'upstream_auth', class: 'C' },
  quota: { code: 'upstream_quota', class: 'C' },
  model_unavailable: { code: 'upstream_model_unavailable', class: 'C' },
  rate_limited: { code: 'upstream_rate_limited', class: 'A' },
  overloaded: { code: 'upstream_overloaded', class: 'A' },
  error: { code: 'upstream_error', class: 'B' },
  timeout: { code: 'upstream_timeout', class: 'B' },
  invalid_request: { code: 'upstream_invalid_request', class: 'D' },
  unsupported_parameter: { code: 'unsupported_parameter', class: 'C' },
  context_length_exceeded: { code: 'context_length_exceeded', class: 'D' },
  request_too_large_for_model: { code: 'request_too_large_for_model', class: 'D' },
  content_filter: { code: 'content_filter', class: 'D' },
  validation_failed: { code: 'validation_failed', class: 'C' },
  low_confidence: { code: 'low_confidence', class: 'C' },
  deadline_exceeded: { code: 'deadline_exceeded', class: 'D' },
  internal_error: { code: 'internal_error', class: 'D' },
  shutting_down: { code: 'shutting_down', class: 'X' },
  client_closed: { code: 'client_closed', class: 'X' },
} as const satisfies Record<string, FailureRow>;

export type FailureKind = keyof typeof FAILURES;

/** Failures in which somebody was waited for until a timer of ours ran out. */
export const SILENCES: ReadonlySet<FailureKind> = new Set([
  'dns_timeout',
  'connect_timeout',
  'first_byte_timeout',
  'first_token_timeout',
  'idle_timeout',
  'total_timeout',
]);

/** What the vendor itself said, scrubbed of secrets. */
export interface UpstreamError {
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  /** The vendor's name of the parameter it objects to. */
  readonly param: string | null;
}

/** An attempt that went wrong. A value, never thrown. */
export interface Failure {
  readonly failure: true;
  readonly kind: FailureKind;
  /** One sentence: what happened. No full stop at its end, so that it can be quoted in a longer one. */
  readonly message: string;
  readonly upstream: UpstreamError | null;
  /** What the vendor asked us to wait; `null` when it did not say. */
  readonly retryAfterMs: number | null;
  /** Of an answer that was checked: what the check found, for the client alone, as it may quote the answer. Absent: nothing. */
  readonly quote?: string;
}

/** Makes a failure value. */
export function failure(
  kind: FailureKind,
  message: string,
  details: {
    readonly upstream?: UpstreamError | null;
    readonly retryAfterMs?: number | null;
    readonly quote?: string;
  } = {},
): Failure {
  const { upstream = null, retryAfterMs = null, quote } = details;
  const failed: Failure = { failure: true, kind, message, upstream, retryAfterMs };
  return quote === undefined ? failed : { ...failed, quote };
}

/** Tells a failure from any other value. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && (value as { failure?: JsonValue }).failure === true;
}

/** The class of a failure's kind. */
export function failureClass(kind: FailureKind): FailureClass {
  return FAILURES[kind].class;
}

/** Kinds that leave the cost open although their class alone would not. */
const BILLED_KINDS: ReadonlySet<FailureKind> = new Set([
  // Our own deadline ends an attempt as a client that goes does: the vendor may have done all the work.
  'deadline_exceeded',
  // It is safe to ask again, for the request was most likely not read; whether it was, nobody can tell.
  'stale_socket',
  // What came back could not be read, but the request had gone out whole.
  'headers',
  'protocol',
]);

/** Whether the vendor may charge for an attempt that ended so: it was sent whole and not refused. Unknown is not free. */
export function possiblyBilled(kind: FailureKind): boolean {
  return FAILURES[kind].class === 'B' || FAILURES[kind].class === 'X' || BILLED_KINDS.has(kind);
}
