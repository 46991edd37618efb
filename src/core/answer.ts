import type { ToolCall } from './chat.ts';
import type { JsonObject } from './json.ts';
import type { Usage } from './usage.ts';

/** Why a model stopped, in OpenAI's words. A value that means failure is a `Failure`, not a finish. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** One piece of an answer as it arrives. The same for every protocol. */
export type AnswerPart =
  | { readonly type: 'model'; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'tool-call-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'tool-call-arguments'; readonly index: number; readonly fragment: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly native: string };

/** One whole answer of one model. */
export interface Answer {
  /** The model the vendor says has served; `null` when it did not say. */
  readonly model: string | null;
  /** `null` when the model wrote no text. */
  readonly text: string | null;
  readonly reasoning: string | null;
  readonly refusal: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  /** The vendor's own word for why it stopped. */
  readonly finishNative: string;
  /** `null` when the vendor reported none. */
  readonly usage: Usage | null;
  /** The vendor's answer as parsed JSON, when it was one body; `null` for a stream. */
  readonly native: JsonObject | null;
  /** Oddities that did not make the answer wrong, e.g. `missing_done`. */
  readonly flags: readonly string[];
}

/** Whether the part is content: what a client reads as the answer. Role, model and usage are not. */
export function isContent(part: AnswerPart): boolean {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return part.text !== '';
    case 'tool-call-start':
    case 'tool-call-arguments':
      return true;
    default:
      return false;
  }
}

/** Collects the parts of one answer. Holds state for one attempt; never shared. */
export class AnswerAssembler {
  #model: string | null = null;
  readonly #text: string[] = [];
  readonly #reasoning: string[] = [];
  readonly #refusal: string[] = [];
  readonly #toolCalls: { id: string; name: string; fragments: string[] }[] = [];
  #finish: { reason: FinishReason; native: string } | null = null;
  #usage: Usage | null = null;
  #contentCharacters = 0;

  /** Takes the next part, in the order of arrival. */
  add(part: AnswerPart): void {
    switch (part.type) {
      case 'model':
        this.#model = part.model;
        break;
      case 'text':
        this.#text.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'reasoning':
        this.#reasoning.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'refusal':
        this.#refusal.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'tool-call-start':
        this.#toolCalls[part.index] = { id: part.id, name: part.name, fragments: [] };
        break;
      case 'tool-call-arguments':
        this.#toolCalls[part.index]?.fragments.push(part.fragment);
        this.#contentCharacters += part.fragment.length;
        break;
      case 'usage':
        this.#usage = part.usage;
        break;
      case 'finish':
        this.#finish = { reason: part.reason, native: part.native };
        break;
    }
  }

  /** Characters of content so far: the base of an estimate where an answer was cut. */
  get contentCharacters(): number {
    return this.#contentCharacters;
  }

  get model(): string | null {
    return this.#model;
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  /** The text so far; `null` when there is none. */
  get text(): string | null {
    return this.#text.length === 0 ? null : this.#text.join('');
  }

  /** The answer, once its finish has come; `null` before. */
  answer(flags: readonly string[]): Answer | null {
    if (this.#finish === null) return null;
    return {
      model: this.#model,
      text: this.text,
      reasoning: this.#reasoning.length === 0 ? null : this.#reasoning.join(''),
      refusal: this.#refusal.length === 0 ? null : this.#refusal.join(''),
      toolCalls: this.#toolCalls.map((call) => ({ id: call.id, name: call.name, arguments: call.fragments.join('') })),
      finishReason: this.#finish.reason,
      finishNative: this.#finish.native,
      usage: this.#usage,
      native: null,
      flags,
    };
  }
}
