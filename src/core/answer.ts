import type { ToolCall } from './chat.ts';
import type { JsonObject } from './json.ts';
import type { Usage, UsageReport } from './usage.ts';

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
  | { readonly type: 'usage'; readonly report: UsageReport }
  /** The vendor began its answer anew: whatever came before is void, its model and usage too. */
  | { readonly type: 'restart' }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly native: string };

/** One whole answer of one model; without its content where nobody was to read it (`AnswerAssembler`). */
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

/** Whether the part shows that the answer goes on. What only keeps a connection open, or announces an answer, does not. */
export function isProgress(part: AnswerPart): boolean {
  return part.type === 'usage' || part.type === 'finish' || isContent(part);
}

/** Collects the parts of one answer. Holds state for one attempt; never shared. */
export class AnswerAssembler {
  readonly #keepsContent: boolean;
  #model: string | null = null;
  #text: string[] = [];
  #reasoning: string[] = [];
  #refusal: string[] = [];
  #toolCalls: { id: string; name: string; fragments: string[] }[] = [];
  #finish: { reason: FinishReason; native: string } | null = null;
  #usage: UsageReport | null = null;
  #contentCharacters = 0;

  /** @param options without content, the answer tells how it ended only: text, reasoning and refusal are `null`, tool calls none */
  constructor(options: { readonly keepsContent: boolean } = { keepsContent: true }) {
    this.#keepsContent = options.keepsContent;
  }

  /** Takes the next part, in the order of arrival. */
  add(part: AnswerPart): void {
    switch (part.type) {
      case 'model':
        this.#model = part.model;
        break;
      case 'text':
        if (this.#keepsContent) this.#text.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'reasoning':
        if (this.#keepsContent) this.#reasoning.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'refusal':
        if (this.#keepsContent) this.#refusal.push(part.text);
        this.#contentCharacters += part.text.length;
        break;
      case 'tool-call-start':
        if (this.#keepsContent) this.#toolCalls[part.index] = { id: part.id, name: part.name, fragments: [] };
        break;
      case 'tool-call-arguments':
        this.#toolCalls[part.index]?.fragments.push(part.fragment);
        this.#contentCharacters += part.fragment.length;
        break;
      case 'usage':
        this.#usage = part.report;
        break;
      case 'finish':
        this.#finish = { reason: part.reason, native: part.native };
        break;
      case 'restart':
        this.#restart();
        break;
    }
  }

  #restart(): void {
    this.#model = null;
    this.#text = [];
    this.#reasoning = [];
    this.#refusal = [];
    this.#toolCalls = [];
    this.#finish = null;
    this.#usage = null;
  }

  /** Characters of content so far: the base of an estimate where an answer was cut. */
  get contentCharacters(): number {
    return this.#contentCharacters;
  }

  get model(): string | null {
    return this.#model;
  }

  get usage(): Usage | null {
    return this.#usage?.usage ?? null;
  }

  /** Whether the vendor has said how the answer ends. */
  get finished(): boolean {
    return this.#finish !== null;
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
      usage: this.usage,
      native: null,
      flags: this.#usage === null ? flags : [...flags, ...this.#usage.flags],
    };
  }
}
