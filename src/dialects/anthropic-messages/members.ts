import type { Answer, FinishReason } from '../../core/answer.ts';
import type { ErrorReport } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  content_filter: 'refusal',
};

/**
 * Why the answer ended. Whether tools are to be used shows in the answer itself: OpenAI ends a call that
 * was asked for by its name with a plain stop, and clients of this protocol go by the reason. A model that declines in words, as OpenAI's do, has refused here
 * too, and its words are the explanation.
 */
export function encodeEnding(answer: Answer, hasCalls: boolean): JsonObject {
  const hasEnded = answer.finishReason === 'stop' || answer.finishReason === 'tool_calls';
  const reason = hasEnded ? (hasCalls ? 'tool_calls' : 'stop') : answer.finishReason;
  const isRefusal = answer.finishReason === 'content_filter' || (answer.refusal ?? '') !== '';
  const explanation = answer.refusal === '' ? null : answer.refusal;
  return {
    stop_reason: isRefusal ? 'refusal' : STOP_REASONS[reason],
    stop_sequence: null,
    stop_details: isRefusal ? { type: 'refusal', category: null, explanation } : null,
  };
}

/**
 * Usage in the protocol's buckets, which add up: the input leaves out what came from the cache or went
 * into it. A count that nobody gave is `null`.
 */
export function encodeUsage(usage: Usage | null): JsonObject {
  const input = usage === null ? null : usage.promptTokens - (usage.cachedTokens ?? 0) - (usage.cacheWriteTokens ?? 0);
  const thinking = usage?.reasoningTokens ?? null;
  return {
    // Buckets that say more than the whole say nothing of the rest.
    input_tokens: input !== null && input >= 0 ? input : null,
    cache_creation_input_tokens: usage?.cacheWriteTokens ?? null,
    cache_read_input_tokens: usage?.cachedTokens ?? null,
    output_tokens: usage?.completionTokens ?? null,
    output_tokens_details: thinking === null ? null : { thinking_tokens: thinking },
  };
}

/** Those of the counts that somebody gave. */
export function knownCounts(usage: Usage | null): JsonObject {
  return Object.fromEntries(Object.entries(encodeUsage(usage)).filter(([, count]) => count !== null));
}

/** The vendor's word for each status (API reference, errors; November 2026). */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The error in the protocol's envelope, with Candor's code and facts inside `error`, where SDKs keep them. */
export function errorBody(error: ErrorReport): JsonObject {
  const id = error.candor['id'];
  return {
    type: 'error',
    error: {
      type: ERROR_TYPES[error.status] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error'),
      message: error.message,
      code: error.code,
      param: error.param,
      candor: error.candor,
    },
    request_id: typeof id === 'string' ? id : null,
  };
}
