import { mergeExtra } from '../../core/answer-assembler.ts';
import type { AnswerPart } from '../../core/answer.ts';
import type { ExtraContent } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { deltaOf, extraDelta, type CallForm } from './choices.ts';

/** One choice of a stream while it is written. */
export class ChoiceState {
  roleSent = false;
  /** The vendor's own event that ends the choice, where it is of the same protocol. */
  finishNative: JsonObject | null = null;
  /** Whether that event held content, which has gone out already. */
  finishHadContent = false;
  readonly #form: CallForm;
  readonly #customCalls = new Set<number>();
  readonly #callExtras = new Map<number, ExtraContent>();
  #extra: ExtraContent | null = null;

  constructor(form: CallForm) {
    this.#form = form;
  }

  /** What the part adds to the message; `null`: nothing now. What vendors want back is kept for the end. */
  delta(part: AnswerPart): JsonObject | null {
    if (part.type === 'extra') this.#keepExtra(part.toolCall, part.content);
    if (part.type === 'tool-call-start' && part.kind === 'custom') this.#customCalls.add(part.index);
    const call = part.type === 'tool-call-start' || part.type === 'tool-call-arguments' ? part.index : -1;
    return deltaOf(part, this.#form, this.#customCalls.has(call));
  }

  /** What is left to add with the finish. */
  lastDelta(): JsonObject {
    return extraDelta(this.#extra, this.#form === 'tool_calls' ? this.#callExtras : new Map());
  }

  #keepExtra(call: number | null, content: ExtraContent): void {
    if (call === null) this.#extra = mergeExtra(this.#extra, content);
    else this.#callExtras.set(call, mergeExtra(this.#callExtras.get(call) ?? null, content));
  }
}
