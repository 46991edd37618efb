// OpenAI Chat Completions: the vendor's API reference, November 2026; DeepSeek and others speak it with additions.
// Types only: what a peer really sent is checked where it is read.

import type { JsonObject } from '../core/json.ts';

export interface OpenAiMessage extends JsonObject {
  readonly role: string;
  readonly content?: string | readonly OpenAiContentPart[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly OpenAiToolCall[];
  readonly tool_call_id?: string;
  readonly refusal?: string | null;
  /** DeepSeek's extension, adopted by many: the reasoning in front of the answer. */
  readonly reasoning_content?: string | null;
}

export interface OpenAiContentPart extends JsonObject {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string; readonly detail?: string };
}

export interface OpenAiToolCall extends JsonObject {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface OpenAiTool extends JsonObject {
  readonly type: string;
  readonly function?: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: JsonObject;
    readonly strict?: boolean | null;
  };
}

export interface OpenAiResponseFormat extends JsonObject {
  readonly type: string;
  readonly json_schema?: {
    readonly name: string;
    readonly description?: string;
    readonly schema?: JsonObject;
    readonly strict?: boolean | null;
  };
}

export interface OpenAiUsage extends JsonObject {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  /** DeepSeek: the cached part of the prompt, and the rest. */
  readonly prompt_cache_hit_tokens?: number;
  readonly prompt_cache_miss_tokens?: number;
}
