import type { AnswerEnvelope, ErrorReport } from '../../core/client-dialect.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/** Usage in the protocol's shape, over whatever else the vendor counted. Counts nobody gave are left out, never 0. */
export function encodeUsage(usage: Usage, native: JsonObject | undefined, envelope: AnswerEnvelope): JsonObject {
  const promptDetails = {
    ...(native?.['prompt_tokens_details'] as JsonObject | undefined),
    ...(usage.cachedTokens === null ? {} : { cached_tokens: usage.cachedTokens }),
    ...(usage.cacheWriteTokens === null ? {} : { cache_write_tokens: usage.cacheWriteTokens }),
  };
  const completionDetails = {
    ...(native?.['completion_tokens_details'] as JsonObject | undefined),
    ...(usage.reasoningTokens === null ? {} : { reasoning_tokens: usage.reasoningTokens }),
  };
  return {
    ...native,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    ...(Object.keys(promptDetails).length === 0 ? {} : { prompt_tokens_details: promptDetails }),
    ...(Object.keys(completionDetails).length === 0 ? {} : { completion_tokens_details: completionDetails }),
    ...(envelope.provenance === null ? {} : { cost: envelope.costUsd }),
  };
}

/** The error in OpenAI's envelope, with Candor's facts inside `error`, where SDKs keep them. */
export function errorBody(error: ErrorReport): JsonObject {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code, candor: error.candor },
  };
}
