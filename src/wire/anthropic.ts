// Anthropic Messages: types of the vendor's TypeScript SDK 1.12, November 2026. Types only: what a peer really sent is checked where it is read.

import type { JsonObject, JsonValue } from '../core/json.ts';

export interface AnthropicMessage extends JsonObject {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly AnthropicBlock[];
}

export interface AnthropicTextBlock extends JsonObject {
  readonly type: 'text';
  readonly text: string;
}

/** What the model has thought, as the vendor signed it or hides it: it takes it back unchanged only. */
export type AnthropicThinkingBlock =
  | (JsonObject & { readonly type: 'thinking'; readonly thinking: string; readonly signature: string })
  | (JsonObject & { readonly type: 'redacted_thinking'; readonly data: string });

export type AnthropicBlock =
  | AnthropicTextBlock
  | AnthropicThinkingBlock
  | (JsonObject & { readonly type: 'image' | 'document'; readonly source: JsonObject })
  | (JsonObject & { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: JsonValue })
  | (JsonObject & {
      readonly type: 'tool_result';
      readonly tool_use_id: string;
      readonly content: string | readonly AnthropicBlock[];
      readonly is_error?: boolean;
    });

export interface AnthropicTool extends JsonObject {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: JsonObject;
  readonly strict?: boolean;
}

export interface AnthropicToolChoice extends JsonObject {
  readonly type: 'auto' | 'any' | 'tool' | 'none';
  readonly name?: string;
  readonly disable_parallel_tool_use?: boolean;
}

export interface AnthropicUsage extends JsonObject {
  /** Without the cached tokens. */
  readonly input_tokens: number;
  /** With the thinking tokens. */
  readonly output_tokens: number;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number };
}

export interface AnthropicResponse extends JsonObject {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly AnthropicBlock[];
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly stop_details?: {
    readonly type: string;
    readonly category: string | null;
    readonly explanation: string | null;
  };
  readonly usage: AnthropicUsage;
}

/** One event of a stream; its SSE `event:` name equals `type`. */
export type AnthropicStreamEvent =
  | { readonly type: 'message_start'; readonly message: AnthropicResponse }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: JsonObject }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: JsonObject }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'message_delta'; readonly delta: JsonObject; readonly usage: JsonObject }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | { readonly type: 'error'; readonly error: { readonly type: string; readonly message: string } };

export interface AnthropicErrorBody extends JsonObject {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id?: string;
}
