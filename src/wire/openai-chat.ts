// OpenAI Chat Completions: the vendor's API reference, November 2026; DeepSeek and others speak it with additions.
// Types only: what a peer really sent is checked where it is read.

import type { JsonObject } from '../core/json.ts';

export interface OpenAiTool extends JsonObject {
  readonly type: string;
  readonly function?: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: JsonObject;
    readonly strict?: boolean | null;
  };
}
