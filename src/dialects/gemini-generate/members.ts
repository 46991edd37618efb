import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ErrorReport } from '../../core/client-dialect.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/** `usageMetadata` of an answer; `undefined` where counts make no sense, which are unknown, and no member where there are none. */
export function usageMembers(answer: Answer, native: JsonObject | null, envelope: AnswerEnvelope): JsonObject {
  if (answer.usage !== null) return { usageMetadata: encodeUsage(answer.usage, native, envelope) };
  return answer.flags.includes('usage_unreadable') ? { usageMetadata: undefined } : {};
}

/**
 * Usage in the protocol's shape, over whatever else the vendor counted. Thoughts are counted apart from
 * the answer; a count nobody gave is left out, never 0.
 */
function encodeUsage(usage: Usage, native: JsonObject | null, envelope: AnswerEnvelope): JsonObject {
  const cost = envelope.provenance === null ? {} : { cost: envelope.costUsd };
  if (native !== null) return { ...native, ...cost };
  const { reasoningTokens, completionTokens } = usage;
  return {
    promptTokenCount: usage.promptTokens,
    // Some vendors report more thoughts than tokens altogether: the difference would be no count.
    candidatesTokenCount: Math.max(0, completionTokens - (reasoningTokens ?? 0)),
    ...(reasoningTokens === null ? {} : { thoughtsTokenCount: reasoningTokens }),
    ...(usage.cachedTokens === null ? {} : { cachedContentTokenCount: usage.cachedTokens }),
    totalTokenCount: usage.totalTokens,
    ...cost,
  };
}

/** The canonical word (google.rpc.Code) that the vendor says with an HTTP status. */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  402: 'FAILED_PRECONDITION',
  424: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** The error in the vendor's envelope (google.rpc.Status), with Candor's facts among its details. */
export function errorBody(error: ErrorReport): JsonObject {
  return {
    error: {
      code: error.status,
      message: error.message,
      status: STATUS_WORDS[error.status] ?? 'INVALID_ARGUMENT',
      details: errorDetails(error),
    },
  };
}

function errorDetails(error: ErrorReport): readonly JsonValue[] {
  const { code, type, param } = error;
  const details: JsonValue[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: code.toUpperCase(),
      domain: 'candor',
      metadata: { code, type, ...(param === null ? {} : { param }) },
    },
  ];
  if (param !== null) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: param, description: error.message }],
    });
  }
  const retry = error.candor['retry'] as JsonObject | undefined;
  const afterMs = retry?.['after_ms'];
  if (typeof afterMs === 'number') {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${afterMs / 1000}s` });
  }
  details.push({ '@type': 'candor', candor: error.candor });
  return details;
}
