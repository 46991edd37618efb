import type { AnswerEnvelope, ErrorReport } from '../../core/client-dialect.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

type Members = Record<string, JsonValue | undefined>;

/** Usage in the protocol's shape, over whatever else the vendor counted. Counts nobody gave are left out, never 0. */
export function encodeUsage(usage: Usage, native: JsonObject | undefined, envelope: AnswerEnvelope): JsonObject {
  const encoded: Members = { ...native };
  encoded['prompt_tokens'] = usage.promptTokens;
  encoded['completion_tokens'] = usage.completionTokens;
  encoded['total_tokens'] = usage.totalTokens;
  if (usage.cachedTokens !== null || usage.cacheWriteTokens !== null) {
    const details: Members = { ...(native?.['prompt_tokens_details'] as JsonObject | undefined) };
    if (usage.cachedTokens !== null) details['cached_tokens'] = usage.cachedTokens;
    if (usage.cacheWriteTokens !== null) details['cache_write_tokens'] = usage.cacheWriteTokens;
    encoded['prompt_tokens_details'] = details;
  }
  if (usage.reasoningTokens !== null) {
    const details: Members = { ...(native?.['completion_tokens_details'] as JsonObject | undefined) };
    details['reasoning_tokens'] = usage.reasoningTokens;
    encoded['completion_tokens_details'] = details;
  }
  if (envelope.provenance !== null) encoded['cost'] = envelope.costUsd;
  return encoded;
}

/** The error in OpenAI's envelope, with Candor's facts inside `error`, where SDKs keep them. */
export function errorBody(error: ErrorReport): JsonObject {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code, candor: error.candor },
  };
}
