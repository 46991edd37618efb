import type { AnswerPart } from '../../core/answer.ts';
import { failure, isFailure, type Failure } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { decodeFinishReason, decodeLogprobs } from './decode.ts';
import { readSpokenText, writePlain } from './spoken-text.ts';

/** Decodes one of the choices of a stream. */
export class ChoiceDecoder {
  readonly #of: { readonly choice?: number };
  #isFinished = false;
  #hasRole = false;
  /** Vendor's tool-call index → ours, which counts from 0. */
  readonly #toolIndices = new Map<number, number>();

  constructor(index: number) {
    this.#of = index === 0 ? {} : { choice: index };
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /**
   * Decodes what an event says of this choice.
   * @returns the choice as OpenAI's clients read it: the very same object where it is written so already
   */
  decode(choice: JsonObject, parts: AnswerPart[]): JsonObject | Failure {
    const delta = objectMember(choice, 'delta') ?? {};
    const spoken = readSpokenText(delta);
    const refusal = stringMember(delta, 'refusal');
    if (spoken.reasoning) parts.push({ type: 'reasoning', text: spoken.reasoning, ...this.#of });
    if (spoken.text) parts.push(this.#text(spoken.text));
    if (refusal) parts.push({ type: 'refusal', text: refusal, ...this.#of });
    let plain = this.#withRole(writePlain(delta, spoken));
    const calls = arrayMember(delta, 'tool_calls');
    for (let position = 0; position < calls.length; position++) {
      const entry = calls[position];
      const call = isJsonObject(entry) ? this.#toolCall(entry, parts) : null;
      if (call === null) return failure('malformed_tool_call', 'a tool call is not an object');
      if (isFailure(call)) return call;
      if (call !== entry) plain = { ...plain, tool_calls: arrayMember(plain, 'tool_calls').with(position, call) };
    }
    const logprobs = (choice['logprobs'] ?? null) === null ? null : decodeLogprobs(choice);
    if (logprobs !== null) parts.push({ type: 'logprobs', logprobs, ...this.#of });
    const said = plain === delta ? choice : { ...choice, delta: plain };
    const native = stringMember(choice, 'finish_reason');
    if (native === null) return said;
    const reason = decodeFinishReason(native);
    if (isFailure(reason)) return reason;
    this.#isFinished = true;
    parts.push({ type: 'finish', reason, native, ...this.#of });
    return reason === native ? said : { ...said, finish_reason: reason };
  }

  /** Most parts of most streams are texts of the first choice: made without copying. */
  #text(text: string): AnswerPart {
    return this.#of.choice === undefined ? { type: 'text', text } : { type: 'text', text, ...this.#of };
  }

  /** The first piece of a message says whose it is: Mistral does not, and the SDKs of OpenAI take no message without. */
  #withRole(delta: JsonObject): JsonObject {
    const isFirst = !this.#hasRole;
    this.#hasRole = true;
    return isFirst && (delta['role'] ?? null) === null ? { role: 'assistant', ...delta } : delta;
  }

  /** Some vendors count the calls from 1, or among other blocks; some name a call again with every piece of it, or by nothing. */
  #toolCall(call: JsonObject, parts: AnswerPart[]): JsonObject | Failure {
    const theirs = numberMember(call, 'index') ?? this.#toolIndices.size;
    const word = objectMember(call, 'custom') === null ? 'function' : 'custom';
    const written = word === 'custom' ? 'input' : 'arguments';
    const called = objectMember(call, word) ?? {};
    const fragment = stringMember(called, written);
    const known = this.#toolIndices.get(theirs);
    const index = known ?? this.#toolIndices.size;
    if (known === undefined) {
      const id = stringMember(call, 'id');
      const name = stringMember(called, 'name');
      if (!id || !name) return failure('malformed_tool_call', 'a tool call begins without an id and a name');
      this.#toolIndices.set(theirs, index);
      const kind = word === 'custom' ? { kind: 'custom' as const } : {};
      parts.push({ type: 'tool-call-start', index, id, name, ...kind, ...this.#of });
    }
    if (fragment) parts.push({ type: 'tool-call-arguments', index, fragment, ...this.#of });
    const isRepeated = known !== undefined && ('name' in called || 'id' in call);
    if (isRepeated) return { index, [word]: { [written]: fragment ?? '' } };
    return call['index'] === index ? call : { ...call, index };
  }
}
