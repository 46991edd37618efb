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
import type { DecodedEvent, ExpectedAnswer, StreamDecoder } from '../provider.ts';
import { ChoiceDecoder } from './choice-stream.ts';
import { decodeUsage } from './decode.ts';
import { decodeErrorIn, decodeErrorObject } from './failures.ts';

const NONE: JsonObject = {};
const NOTHING: DecodedEvent = { parts: [], native: null };

/** Decodes a stream of `chat.completion.chunk`. Its terminal signal is a finish reason; a missing `[DONE]` is flagged. */
export class ChunkDecoder implements StreamDecoder {
  readonly endsWithFinish = true;
  #model: string | null = null;
  #servedTier: string | null = null;
  #done = false;
  readonly #choices: readonly ChoiceDecoder[];
  readonly #flags: string[] = [];

  constructor(expected: Pick<ExpectedAnswer, 'choices'>) {
    this.#choices = Array.from({ length: expected.choices }, (_, index) => new ChoiceDecoder(index));
  }

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
    return decodeErrorIn(chunk, null) ?? (event.name === 'error' ? decodeErrorObject(chunk, null) : this.#chunk(chunk));
  }

  get saidAll(): boolean {
    return this.#done;
  }

  end(stray: string): readonly string[] | Failure {
    const outside = stray === '' ? undefined : parseJson(stray);
    const error = isJsonObject(outside) ? decodeErrorIn(outside, null) : null;
    if (error !== null) return error;
    if (!this.#choices.every((choice) => choice.isFinished)) {
      return failure('truncated', 'the stream ended before the model had finished');
    }
    return this.#done ? this.#flags : [...this.#flags, 'missing_done'];
  }

  #chunk(chunk: JsonObject): DecodedEvent | Failure {
    const parts: AnswerPart[] = [];
    const model = stringMember(chunk, 'model');
    if (model !== null && model !== '' && model !== this.#model) {
      this.#model = model;
      parts.push({ type: 'model', model });
    }
    this.#servedTier = stringMember(chunk, 'service_tier') ?? this.#servedTier;
    let native = chunk;
    const choices = arrayMember(chunk, 'choices');
    for (let position = 0; position < choices.length; position++) {
      const entry = choices[position];
      if (!isJsonObject(entry)) continue;
      const choice = this.#choices[numberMember(entry, 'index') ?? 0];
      if (choice === undefined) return failure('invalid_answer', 'the answer has more choices than were asked for');
      const plain = choice.decode(entry, parts);
      if (isFailure(plain)) return plain;
      if (plain !== entry) native = { ...native, choices: arrayMember(native, 'choices').with(position, plain) };
    }
    // Groq counts in a member of its own.
    const usage = objectMember(chunk, 'usage') ?? objectMember(objectMember(chunk, 'x_groq') ?? NONE, 'usage');
    if (usage !== null) parts.push({ type: 'usage', report: decodeUsage(usage, this.#servedTier) });
    return native === chunk ? { parts, native } : { parts, native, isRewritten: true };
  }
}
