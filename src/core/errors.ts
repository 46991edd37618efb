import { failed, later, type ErrorRow, type ErrorType } from './error-row.ts';
import type { JsonObject } from './json.ts';
import { REQUEST_ERRORS } from './request-errors.ts';
import { UPSTREAM_ERRORS } from './upstream-errors.ts';

/** Errors of the gateway as a whole. */
const GATEWAY_ERRORS = {
  validation_failed: failed(
    424,
    'Models answered, but no answer passed the checks of the route.',
    'Look at the verdicts in the record; correct the schema or the prompt, or add another model to the route’s `try`.',
  ),
  no_certified_fallback: failed(
    424,
    'Whoever may answer could not, and nobody else has shown that they may stand in.',
    'Run `candor compare` on the route to gather the evidence, or allow `fallback: degraded`, which is marked.',
  ),
  low_confidence: failed(
    424,
    'Models answered, but no answer was sure enough for what the route accepts.',
    'Look at `confidence` in the record; label more outcomes, accept more risk under `accept`, or add another model to the route’s `try`.',
  ),
  client_closed: failed(
    499,
    'The client closed the connection before the answer was complete.',
    'Raise the client’s own timeout, if it was not meant to.',
  ),
  internal_error: failed(
    500,
    'Candor itself failed.',
    'Report it with the request id; the log of the gateway holds the cause.',
  ),
  hook_error: failed(
    500,
    'A function of the config failed that decides how a request is sent: it threw, took too long or returned what it may not.',
    'Look at `hooks` in the record for which one and why, and at the log for what it threw; correct it and reload the config.',
  ),
  attempts_exhausted: failed(
    503,
    'Several candidates were asked and every one failed.',
    'Look at `attempts` for the reason of each.',
  ),
  no_available_deployment: failed(
    503,
    'No candidate is asked now: their circuits are open, or they miss the objectives of the route.',
    'Look at `refused` for each candidate’s numbers and ask again after `retry-after`; another model in the route’s `try` would help.',
  ),
  overloaded: later(
    503,
    'The gateway has more to do than it can, so it did not begin with this request.',
    'Send it again after `retry-after-ms`; if this goes on, give the gateway more CPU or more processes (`docs/operations.md`).',
  ),
  shutting_down: later(503, 'The gateway is about to end.', 'Send the request again; another process will take it.'),
  ledger_unavailable: later(
    503,
    'The record of the request cannot be written, so it was not begun or not completed.',
    'Make room on the disk of `server.store` and check that the gateway may write there.',
  ),
  deadline_exceeded: failed(
    504,
    'Time ran out before an answer was complete.',
    'Raise `x-candor-timeout-ms`, or the route’s `timeout`.',
  ),
} as const;

/**
 * Every error code a client can meet, each with a page in `docs/errors`. A code keeps its meaning
 * and status for ever; a message may change.
 */
export const ERRORS = { ...REQUEST_ERRORS, ...UPSTREAM_ERRORS, ...GATEWAY_ERRORS } as const satisfies Readonly<
  Record<string, ErrorRow>
>;

export type ErrorCode = keyof typeof ERRORS;

/** Whether the text is one of our codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

export interface GatewayErrorOptions {
  /** Path in the request of what is wrong, e.g. `messages[0].content`, or a header's name. */
  readonly param?: string | null;
  /** What to do next, where more is known than the code's own `fix`. */
  readonly fix?: string;
  /** How long to wait before asking again, in milliseconds; sent as `retry-after-ms` and `retry-after`. */
  readonly retryAfterMs?: number | null;
  /** What the message is told with to the client alone: it may quote an answer, and stands in no record. */
  readonly quote?: string;
  /** Further members of `error.candor`, e.g. `attempts` and `refused`. */
  readonly details?: JsonObject;
  /** Further response headers, e.g. `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The error underneath; for the log, never for the client. */
  readonly cause?: unknown;
}

/** Ends a request. Thrown by any stage; the server writes it in the client's own dialect. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: ErrorType;
  /** `x-should-retry`. */
  readonly retry: boolean;
  readonly param: string | null;
  readonly fix: string;
  readonly retryAfterMs: number | null;
  readonly quote: string | null;
  readonly details: JsonObject;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message One sentence a person can paste to a colleague: what happened, and to what. */
  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    const row: ErrorRow = ERRORS[code];
    this.code = code;
    this.status = row.status;
    this.type = row.type;
    this.retry = row.retry;
    this.param = options.param ?? null;
    this.fix = options.fix ?? row.fix;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.quote = options.quote ?? null;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}
