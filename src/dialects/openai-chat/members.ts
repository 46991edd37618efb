import { usesFunctions, type ChatRequest } from '../../core/chat.ts';
import type { AnswerEnvelope, ErrorReport } from '../../core/client-dialect.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { CallForm } from './choices.ts';

/** In which form the client expects calls. */
export function callForm(request: ChatRequest): CallForm {
  return usesFunctions(request) ? 'function_call' : 'tool_calls';
}

type Members = Record<string, JsonValue | undefined>;

/** Usage in the protocol's shape, over whatever else the vendor counted. Counts nobody gave are left out, never 0. */
export function encodeUsage(usage: Usage, native: JsonObject | undefined, envelope: AnswerEnvelope): JsonObject {
  const encoded: Members = { ...native };
  encoded['prompt_tokens'] = usage.promptTokens;
  encoded['completion_tokens'] = usage.completionTokens;
  encoded['total_tokens'] = usage.totalTokens;
  encodeDetails(encoded, 'prompt_tokens_details', {
    cached_tokens: usage.cachedTokens,
    cache_write_tokens: usage.cacheWriteTokens,
  });
  encodeDetails(encoded, 'completion_tokens_details', { reasoning_tokens: usage.reasoningTokens });
  if (envelope.provenance !== null) encoded['cost'] = envelope.costUsd;
  return encoded;
}

/** Puts counts into the vendor's details; a count of the vendor's that could not be read is taken out. */
function encodeDetails(encoded: Members, name: string, counts: Readonly<Record<string, number | null>>): void {
  const native = encoded[name];
  const details: Members = isJsonObject(native) ? { ...native } : {};
  for (const [count, tokens] of Object.entries(counts)) details[count] = tokens ?? undefined;
  if (isJsonObject(native) || Object.values(details).some((value) => value !== undefined)) encoded[name] = details;
}

/** The error in OpenAI's envelope, with Candor's facts inside `error`, where SDKs keep them. */
export function errorBody(error: ErrorReport): JsonObject {
  return {
    error: { message: error.message, type: error.type, param: error.param, code: error.code, candor: error.candor },
  };
}
