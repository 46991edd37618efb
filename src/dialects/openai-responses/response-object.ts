import type { FinishReason } from '../../core/answer.ts';
import type { ChatRequest } from '../../core/chat.ts';
import { objectMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Provenance } from '../../core/record.ts';
import type { Usage } from '../../core/usage.ts';
import type { ResponsesItem } from '../../wire/openai-responses.ts';
import { candorMember } from '../candor-member.ts';

/** What tells one state of a response from another. */
export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  /** The model the vendor says serves; `null` while it has not said. */
  readonly model: string | null;
  readonly output: readonly ResponsesItem[];
  readonly incompleteReason: 'max_output_tokens' | 'content_filter' | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly usage: JsonObject | null;
  readonly serviceTier: string | null;
  readonly provenance: Provenance | null;
}

/** How the two ends of an answer look that are not the model's own. */
export function incompleteReason(finish: FinishReason): ResponseState['incompleteReason'] {
  if (finish === 'length') return 'max_output_tokens';
  return finish === 'content_filter' ? 'content_filter' : null;
}

/**
 * The `response` object. As the vendor's own it repeats what was asked; what the client left open is
 * `null` where the vendor would name its default, since models differ in it. Nothing is stored.
 */
export function responseObject(
  request: ChatRequest,
  start: { readonly id: string; readonly createdSeconds: number },
  state: ResponseState,
): JsonObject {
  const { json } = request.original;
  const asked = (name: string): JsonValue => json[name] ?? null;
  return {
    id: start.id,
    object: 'response',
    created_at: start.createdSeconds,
    status: state.status,
    background: false,
    error: state.error,
    incomplete_details: state.incompleteReason === null ? null : { reason: state.incompleteReason },
    instructions: asked('instructions'),
    max_output_tokens: asked('max_output_tokens'),
    max_tool_calls: null,
    model: state.model,
    output: state.output,
    parallel_tool_calls: json['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    prompt_cache_key: asked('prompt_cache_key'),
    reasoning: { effort: null, summary: null, ...objectMember(json, 'reasoning') },
    safety_identifier: asked('safety_identifier'),
    ...(state.serviceTier === null ? {} : { service_tier: state.serviceTier }),
    store: false,
    temperature: asked('temperature'),
    text: { format: { type: 'text' }, ...objectMember(json, 'text') },
    tool_choice: json['tool_choice'] ?? 'auto',
    tools: request.original.json['tools'] ?? [],
    top_logprobs: asked('top_logprobs'),
    top_p: asked('top_p'),
    truncation: 'disabled',
    usage: state.usage,
    user: asked('user'),
    metadata: json['metadata'] ?? {},
    candor: candorMember(state),
  };
}

/** Token counts in the protocol's words. Counts nobody gave are left out, never 0. */
export function encodeUsage(usage: Usage | null, cost: { readonly costUsd: number | null } | null): JsonObject | null {
  if (usage === null) return null;
  const count = (name: string, tokens: number | null): JsonObject => (tokens === null ? {} : { [name]: tokens });
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: {
      ...count('cached_tokens', usage.cachedTokens),
      ...count('cache_write_tokens', usage.cacheWriteTokens),
    },
    output_tokens: usage.completionTokens,
    output_tokens_details: count('reasoning_tokens', usage.reasoningTokens),
    total_tokens: usage.totalTokens,
    ...(cost === null ? {} : { cost: cost.costUsd }),
  };
}
