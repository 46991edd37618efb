// Gemini generateContent: types of the vendor's SDK (@google/genai 3.1), November 2026. Types only: what a peer really sent is checked where it is read.
// A tool call ends with `STOP`; a blocked prompt has `promptFeedback` and no candidates, at HTTP 200.

import type { JsonObject, JsonValue } from '../core/json.ts';

export interface GeminiContent extends JsonObject {
  readonly role: 'user' | 'model';
  readonly parts: readonly GeminiPart[];
}

export interface GeminiPart extends JsonObject {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly fileData?: { readonly mimeType?: string; readonly fileUri: string };
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: JsonValue };
  readonly functionResponse?: {
    readonly id?: string;
    readonly name: string;
    readonly response: JsonObject;
    /** Media of the result, from Gemini 3 on. */
    readonly parts?: readonly GeminiPart[];
  };
}

export interface GeminiFunction extends JsonObject {
  readonly name: string;
  readonly description?: string;
  /** Real JSON Schema; the older `parameters` is an OpenAPI subset. */
  readonly parametersJsonSchema?: JsonObject;
}

export interface GeminiUsage extends JsonObject {
  /** With the cached tokens. */
  readonly promptTokenCount?: number;
  /** Without the thoughts. */
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly totalTokenCount?: number;
}

/** A whole answer, and also each chunk of a stream; its counts are cumulative. */
export interface GeminiResponse extends JsonObject {
  readonly candidates?: readonly {
    readonly index?: number;
    readonly content?: { readonly role?: string; readonly parts?: readonly GeminiPart[] };
    readonly finishReason?: string;
  }[];
  readonly promptFeedback?: { readonly blockReason?: string };
  readonly usageMetadata?: GeminiUsage;
  readonly modelVersion?: string;
  readonly responseId?: string;
}

export interface GeminiErrorBody extends JsonObject {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly status: string;
    readonly details?: readonly JsonObject[];
  };
}
