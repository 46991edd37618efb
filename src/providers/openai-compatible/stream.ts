import type { AnswerPart } from '../../core/answer.ts';
import { failure, isFailure, type Failure } from '../../core/failure.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import type { ServerSentEvent } from '../../core/server-sent-event.ts';
import type { DecodedEvent, StreamDecoder } from '../provider.ts';
import { decodeFinishReason, decodeUsage } from './decode.ts';
import { decodeErrorObject } from './failures.ts';

const NOTHING: DecodedEvent = { parts: [], native: null };

/** Decodes a stream of `chat.completion.chunk`. Its terminal signal is a finish reason; a missing `[DONE]` is flagged. */
export class ChunkDecoder implements StreamDecoder {
  readonly endsWithFinish = true;
  #model: string | null = null;
  #finished = false;
  #done = false;
  /** Vendor's tool-call index → ours, which counts from 0. */
  readonly #toolIndices = new Map<number, number>();
  readonly #flags: string[] = [];

  decode(event: ServerSentEvent): DecodedEvent | Failure {
    if (this.#done) {
      if (!this.#flags.includes('data_after_done')) this.#flags.push('data_after_done');
      return NOTHING;
    }
    if (event.data === '[DONE]') {
      this.#done = true;
      return NOTHING;
    }
    const chunk = parseJson(event.data);
    if (!isJsonObject(chunk)) return failure('invalid_event', 'an event of the stream is not a JSON object');
    if (isJsonObject(chunk['error'])) return decodeErrorObject(chunk['error'], null);
    if (event.name === 'error') return decodeErrorObject(chunk, null);
    return this.#chunk(chunk);
  }

  get saidAll(): boolean {
    return this.#done;
  }

  end(stray: string): readonly string[] | Failure {
    const outside = stray === '' ? undefined : parseJson(stray);
    if (isJsonObject(outside) && isJsonObject(outside['error'])) return decodeErrorObject(outside['error'], null);
    if (!this.#finished) return failure('truncated', 'the stream ended before the model had finished');
    return this.#done ? this.#flags : [...this.#flags, 'missing_done'];
  }

  #chunk(chunk: JsonObject): DecodedEvent | Failure {
    const parts: AnswerPart[] = [];
    const model = stringMember(chunk, 'model');
    if (model !== null && model !== '' && model !== this.#model) {
      this.#model = model;
      parts.push({ type: 'model', model });
    }
    const choices = arrayMember(chunk, 'choices');
    const [choice] = choices;
    if (choices.length > 1 || (isJsonObject(choice) && (numberMember(choice, 'index') ?? 0) > 0)) {
      return failure('invalid_answer', 'the answer has more choices than were asked for');
    }
    if (isJsonObject(choice)) {
      const problem = this.#choice(choice, parts);
      if (problem !== null) return problem;
    }
    const usage = objectMember(chunk, 'usage');
    if (usage !== null) parts.push({ type: 'usage', report: decodeUsage(usage) });
    return { parts, native: chunk };
  }

  #choice(choice: JsonObject, parts: AnswerPart[]): Failure | null {
    const delta = objectMember(choice, 'delta') ?? {};
    const text = stringMember(delta, 'content');
    const reasoning = stringMember(delta, 'reasoning_content');
    const refusal = stringMember(delta, 'refusal');
    if (reasoning) parts.push({ type: 'reasoning', text: reasoning });
    if (text) parts.push({ type: 'text', text });
    if (refusal) parts.push({ type: 'refusal', text: refusal });
    for (const call of arrayMember(delta, 'tool_calls')) {
      const problem = isJsonObject(call)
        ? this.#toolCall(call, parts)
        : failure('malformed_tool_call', 'a tool call is not an object');
      if (problem !== null) return problem;
    }
    const native = stringMember(choice, 'finish_reason');
    if (native === null) return null;
    const reason = decodeFinishReason(native);
    if (isFailure(reason)) return reason;
    this.#finished = true;
    parts.push({ type: 'finish', reason, native });
    return null;
  }

  #toolCall(call: JsonObject, parts: AnswerPart[]): Failure | null {
    const theirs = numberMember(call, 'index') ?? this.#toolIndices.size;
    const called = objectMember(call, 'function') ?? {};
    let index = this.#toolIndices.get(theirs);
    if (index === undefined) {
      const id = stringMember(call, 'id');
      const name = stringMember(called, 'name');
      if (id === null || name === null)
        return failure('malformed_tool_call', 'a tool call begins without an id and a name');
      index = this.#toolIndices.size;
      this.#toolIndices.set(theirs, index);
      parts.push({ type: 'tool-call-start', index, id, name });
    }
    const fragment = stringMember(called, 'arguments');
    if (fragment) parts.push({ type: 'tool-call-arguments', index, fragment });
    return null;
  }
}
