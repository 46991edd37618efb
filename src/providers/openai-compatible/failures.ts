import { failure, type Failure, type FailureKind } from '../../core/failure.ts';
import { isJsonObject, parseJson, stringMember, type JsonObject } from '../../core/json.ts';
import type { ResponseHeaders } from '../provider.ts';
import { retryAfterMs } from '../retry-after.ts';
import { kindOfStatus } from '../status-failure.ts';

/** Error codes and types of the protocol that say more than the status does. */
const MEANINGS: Readonly<Record<string, FailureKind>> = {
  context_length_exceeded: 'context_length_exceeded',
  insufficient_quota: 'quota',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  model_not_found: 'model_unavailable',
  content_filter: 'content_filter',
  rate_limit_exceeded: 'rate_limited',
  overloaded_error: 'overloaded',
};

/** Vendors without a code for it say so in words. */
const CONTEXT_LENGTH = /maximum context length|context window|prompt is too long/i;

/** Reads an error answer of the protocol, whatever its content type. */
export function decodeFailure(status: number, headers: ResponseHeaders, body: string): Failure {
  const json = parseJson(body);
  const error = isJsonObject(json) && isJsonObject(json['error']) ? json['error'] : {};
  const decoded = decodeErrorObject(error, status);
  return { ...decoded, retryAfterMs: retryAfterMs(headers) };
}

/** Reads the `error` object, also where it comes inside a stream (`status` is then `null`). */
export function decodeErrorObject(error: JsonObject, status: number | null): Failure {
  const message = stringMember(error, 'message');
  const code = stringMember(error, 'code') ?? stringMember(error, 'type');
  return failure(
    kindOf(error, message, status),
    `the vendor answered ${status ?? 'with an error'}${message ? `: ${message}` : ''}`,
    {
      upstream: { status, code, message, param: stringMember(error, 'param') },
    },
  );
}

function kindOf(error: JsonObject, message: string | null, status: number | null): FailureKind {
  if (message !== null && CONTEXT_LENGTH.test(message) && (status === null || status < 500))
    return 'context_length_exceeded';
  for (const key of ['code', 'type'] as const) {
    const word = stringMember(error, key);
    if (word !== null && Object.hasOwn(MEANINGS, word)) return MEANINGS[word] as FailureKind;
  }
  return status === null ? 'error' : kindOfStatus(status);
}
