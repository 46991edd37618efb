import { failure, type Failure, type FailureKind } from '../../core/failure.ts';
import { isJsonObject, numberMember, parseJson, stringMember, type JsonObject } from '../../core/json.ts';
import type { ResponseHeaders } from '../provider.ts';
import { retryAfterMs } from '../retry-after.ts';
import { kindOfStatus } from '../status-failure.ts';

/** Error codes and types of the protocol that say more than the status does. */
const MEANINGS: Readonly<Record<string, FailureKind>> = {
  context_length_exceeded: 'context_length_exceeded',
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  insufficient_balance: 'quota',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  model_not_found: 'model_unavailable',
  unsupported_parameter: 'unsupported_parameter',
  unsupported_value: 'unsupported_parameter',
  content_filter: 'content_filter',
  rate_limit_exceeded: 'rate_limited',
  overloaded_error: 'overloaded',
};

/** Vendors without a code for it say so in words. */
const BAD_KEY = /(?:incorrect|invalid) api key/i;
const CONTEXT_LENGTH = /maximum context length|context window|prompt is too long/i;

/** Reads an error answer of the protocol, whatever its content type. */
export function decodeFailure(status: number, headers: ResponseHeaders, body: string): Failure {
  const json = parseJson(body);
  const decoded = (isJsonObject(json) ? decodeErrorIn(json, status) : null) ?? decodeErrorObject({}, status);
  return { ...decoded, retryAfterMs: retryAfterMs(headers) };
}

/**
 * Reads the error in a body or an event; `null` where there is none. OpenAI has an object under `error`,
 * xAI a text there beside a `code`, Mistral the object itself, or a text under `detail` (recorded answers, 2026).
 * @param status `null` where it comes inside an answer
 */
export function decodeErrorIn(json: JsonObject, status: number | null): Failure | null {
  const { error, detail } = json;
  if (isJsonObject(error)) return decodeErrorObject(error, status);
  if (typeof error === 'string') return decodeErrorObject({ message: error, code: json['code'] }, status);
  if (json['object'] === 'error') return decodeErrorObject(json, status);
  return typeof detail === 'string' ? decodeErrorObject({ message: detail }, status) : null;
}

/** Reads the `error` object, also where it comes inside a stream (`status` is then `null`). */
export function decodeErrorObject(error: JsonObject, status: number | null): Failure {
  const message = stringMember(error, 'message');
  const numeric = numberMember(error, 'code');
  const code =
    stringMember(error, 'code') ?? stringMember(error, 'type') ?? (numeric === null ? null : String(numeric));
  // OpenRouter tells the status inside the body, also where the stream has begun with a 200.
  const meant = status ?? (numeric !== null && numeric >= 400 && numeric < 600 ? numeric : null);
  return failure(
    kindOf(error, message, meant),
    `the vendor answered ${status ?? 'with an error'}${message ? `: ${message}` : ''}`,
    {
      upstream: { status, code, message, param: stringMember(error, 'param') },
    },
  );
}

function kindOf(error: JsonObject, message: string | null, status: number | null): FailureKind {
  const said = message ?? '';
  if (CONTEXT_LENGTH.test(said) && (status === null || status < 500)) return 'context_length_exceeded';
  if (BAD_KEY.test(said) && status !== null && status < 500) return 'auth';
  for (const key of ['code', 'type'] as const) {
    const word = stringMember(error, key);
    if (word !== null && Object.hasOwn(MEANINGS, word)) return MEANINGS[word] as FailureKind;
  }
  return status === null ? 'error' : kindOfStatus(status);
}
