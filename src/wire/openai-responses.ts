// OpenAI Responses: the vendor's API reference and the types of its SDK 6.49.0, November 2026.
// Types only: what a peer really sent is checked where it is read.

import type { JsonObject, JsonValue } from '../core/json.ts';

export type ResponsesItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface ResponsesTextPart extends JsonObject {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly JsonObject[];
  readonly logprobs: readonly JsonValue[];
}

export interface ResponsesRefusalPart extends JsonObject {
  readonly type: 'refusal';
  readonly refusal: string;
}

export interface ResponsesMessage extends JsonObject {
  readonly id: string;
  readonly type: 'message';
  readonly status: ResponsesItemStatus;
  readonly role: 'assistant';
  readonly content: readonly (ResponsesTextPart | ResponsesRefusalPart)[];
}

export interface ResponsesFunctionCall extends JsonObject {
  readonly id: string;
  readonly type: 'function_call';
  readonly status: ResponsesItemStatus;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ResponsesReasoning extends JsonObject {
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  readonly encrypted_content?: string;
}

/** What an answer is made of, as far as functions are the only tools. */
export type ResponsesItem = ResponsesMessage | ResponsesFunctionCall | ResponsesReasoning;
