import { failure, type Failure, type FailureKind } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';
import type { ResponseHeaders } from '../provider.ts';
import { durationMs, retryAfterMs } from '../retry-after.ts';
import { kindOfStatus } from '../status-failure.ts';

/** The vendor's canonical statuses (google.rpc.Code). */
const STATUSES: Readonly<Record<string, FailureKind>> = {
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'auth',
  NOT_FOUND: 'model_unavailable',
  RESOURCE_EXHAUSTED: 'rate_limited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  INTERNAL: 'error',
};
const CONTEXT_LENGTH = /exceeds the maximum number of tokens|input token count \(/i;
/** Preconditions nobody can meet by asking otherwise: this deployment cannot serve. */
const LOCATION = /location is not supported/i;
const BILLING = /billing|free tier is not available/i;
/** Of ordinary text; rarer text has fewer bytes a token, and then less is taken for too long. */
const BYTES_PER_TOKEN = 4;

/** Reads an error answer, whatever its content type. */
export function decodeFailure(status: number, headers: ResponseHeaders, body: string, sentBytes = 0): Failure {
  const json = parseJson(body);
  const holder = Array.isArray(json) ? (json as readonly JsonValue[])[0] : json;
  const error = isJsonObject(holder) ? (objectMember(holder, 'error') ?? {}) : {};
  const decoded = decodeErrorObject(error, status, sentBytes);
  return { ...decoded, retryAfterMs: decoded.retryAfterMs ?? retryAfterMs(headers) };
}

/**
 * Reads the `error` object, also where it comes inside a stream (`status` is then `null`).
 * @param sentBytes how long the request was
 */
export function decodeErrorObject(error: JsonObject, status: number | null, sentBytes = 0): Failure {
  const message = stringMember(error, 'message');
  const code = stringMember(error, 'status');
  const details = arrayMember(error, 'details').filter(isJsonObject);
  const delay = details.map((detail) => stringMember(detail, 'retryDelay')).find((text) => text !== null);
  const badKey = details.some((detail) => detail['reason'] === 'API_KEY_INVALID');
  const kind = badKey ? 'auth' : (kindOfQuota(details, sentBytes) ?? kindOf(code, message, status));
  return failure(kind, `the vendor answered ${status ?? 'with an error'}${message ? `: ${message}` : ''}`, {
    upstream: { status, code, message, param: null },
    retryAfterMs: delay === undefined || delay === null ? null : durationMs(delay),
  });
}

/**
 * What a broken quota means: a prompt that is larger than what a minute allows will never fit, however long
 * one waits, and what a day allows is spent until the next one.
 */
function kindOfQuota(details: readonly JsonObject[], sentBytes: number): FailureKind | null {
  const violations = details.flatMap((detail) => arrayMember(detail, 'violations')).filter(isJsonObject);
  for (const violation of violations) {
    const id = stringMember(violation, 'quotaId') ?? '';
    const limit = Number(stringMember(violation, 'quotaValue') ?? Number.NaN);
    if (/InputTokens/i.test(id) && sentBytes / BYTES_PER_TOKEN > limit) return 'context_length_exceeded';
    if (/PerDay/i.test(id)) return 'quota';
  }
  return null;
}

function kindOf(code: string | null, message: string | null, status: number | null): FailureKind {
  if (message !== null && CONTEXT_LENGTH.test(message)) return 'context_length_exceeded';
  if (code === 'FAILED_PRECONDITION' && message !== null) {
    if (LOCATION.test(message)) return 'model_unavailable';
    if (BILLING.test(message)) return 'quota';
  }
  if (code !== null && Object.hasOwn(STATUSES, code)) return STATUSES[code] as FailureKind;
  return status === null ? 'error' : kindOfStatus(status);
}
