import type { ExtraContent, ToolCall } from './chat.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Usage, UsageReport } from './usage.ts';

/** Why a model stopped, in OpenAI's words. A value that means failure is a `Failure`, not a finish. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** Of which of several answers to one question a part is; absent: of the first, mostly the only one. */
interface OfChoice {
  readonly choice?: number;
}

/** How likely the tokens of an answer were: lists in OpenAI's form; `null`: of that text there is none. */
export interface Logprobs {
  readonly content: readonly JsonValue[] | null;
  readonly refusal: readonly JsonValue[] | null;
}

/** One piece of an answer as it arrives. The same for every protocol. */
export type AnswerPart =
  | { readonly type: 'model'; readonly model: string }
  | ({ readonly type: 'text'; readonly text: string } & OfChoice)
  | ({ readonly type: 'reasoning'; readonly text: string } & OfChoice)
  | ({ readonly type: 'refusal'; readonly text: string } & OfChoice)
  | ToolCallStart
  | ({ readonly type: 'tool-call-arguments'; readonly index: number; readonly fragment: string } & OfChoice)
  /** What the vendor wants back with this answer, or with one of its tool calls, once it stands in a history. */
  | ({ readonly type: 'extra'; readonly toolCall: number | null; readonly content: ExtraContent } & OfChoice)
  | ({ readonly type: 'logprobs'; readonly logprobs: Logprobs } & OfChoice)
  | { readonly type: 'usage'; readonly report: UsageReport }
  /** The vendor began its answer anew: whatever came before is void, its model and usage too. */
  | { readonly type: 'restart' }
  /** `resume`: the vendor has only paused, and wants this back before it goes on; the reason then says nothing. */
  | ({
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly native: string;
      readonly resume?: JsonValue;
    } & OfChoice);

/** The beginning of one tool call. */
export interface ToolCallStart extends OfChoice {
  readonly type: 'tool-call-start';
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** A call of a custom tool, whose arguments are free text. Absent: of a function. */
  readonly kind?: 'custom';
}

/** One of the answers that were asked for. */
export interface AnswerChoice {
  /** `null` when the model wrote no text. */
  readonly text: string | null;
  readonly reasoning: string | null;
  readonly refusal: string | null;
  readonly toolCalls: readonly ToolCall[];
  /** What the vendor wants back with it; `null`: nothing. */
  readonly extraContent: ExtraContent | null;
  /** Absent: the vendor gave none. */
  readonly logprobs?: Logprobs;
  readonly finishReason: FinishReason;
  /** The vendor's own word for why it stopped. */
  readonly finishNative: string;
}

/** One whole answer of one model; without its content where nobody was to read it (`AnswerAssembler`). */
export interface Answer extends AnswerChoice {
  /** The model the vendor says has served; `null` when it did not say. */
  readonly model: string | null;
  /** The further answers, when more than one was asked for. */
  readonly alternatives: readonly AnswerChoice[];
  /** The vectors, one for each input, when embeddings were asked for; `null` for a chat. */
  readonly embeddings: readonly (readonly number[])[] | null;
  /** `null` when the vendor reported none. */
  readonly usage: Usage | null;
  /** The vendor's answer as parsed JSON, when it was one body; `null` for a stream. */
  readonly native: JsonObject | null;
  /** Oddities that did not make the answer wrong, e.g. `missing_done`. */
  readonly flags: readonly string[];
  /** What the vendor wants back before it goes on, where it has only paused; absent: it has ended. */
  readonly resume?: JsonValue;
}

/** Whether the answer is a refusal that its vendor marks as one, in words or by a filter. */
export function hasRefused({ refusal, finishReason }: Pick<AnswerChoice, 'refusal' | 'finishReason'>): boolean {
  return refusal !== null || finishReason === 'content_filter';
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

/** How many characters of content the part has. The name of a tool is none. */
export function contentCharacters(part: AnswerPart): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return part.text.length;
    case 'tool-call-arguments':
      return part.fragment.length;
    default:
      return 0;
  }
}

/** Whether the part shows that the answer goes on. What only keeps a connection open, or announces an answer, does not. */
export function isProgress(part: AnswerPart): boolean {
  return part.type === 'usage' || part.type === 'finish' || isContent(part);
}

/** Of which of several answers the part is. Model, usage and restart are of all. */
export function choiceOf(part: AnswerPart): number {
  return 'choice' in part ? (part.choice ?? 0) : 0;
}
