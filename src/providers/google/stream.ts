import { failure, isFailure, type Failure } from '../../core/failure.ts';
import { isJsonObject, objectMember, parseJson } from '../../core/json.ts';
import type { ServerSentEvent } from '../../core/server-sent-event.ts';
import type { DecodedEvent, ExpectedAnswer, StreamDecoder } from '../provider.ts';
import { GeminiResponseDecoder } from './decode.ts';
import { decodeErrorObject } from './failures.ts';

/** Decodes a `streamGenerateContent` stream. Its terminal signal is a `finishReason` or a `blockReason`. */
export class GeminiStreamDecoder implements StreamDecoder {
  /** Some models say with every chunk how the answer ends. */
  readonly endsWithFinish = false;
  readonly #responses: GeminiResponseDecoder;

  constructor(expected: Pick<ExpectedAnswer, 'choices'>) {
    this.#responses = new GeminiResponseDecoder(expected);
  }

  decode(event: ServerSentEvent): DecodedEvent | Failure {
    const native = parseJson(event.data);
    if (!isJsonObject(native)) return failure('invalid_event', 'an event of the stream is not a JSON object');
    const parts = this.#responses.decode(native);
    return isFailure(parts) ? parts : { parts, native };
  }

  /** The vendor has no last word after the finish: counts may follow it. */
  get saidAll(): boolean {
    return false;
  }

  end(stray: string): readonly string[] | Failure {
    // In the middle of a stream the vendor writes an error as bare JSON, without `data:`.
    const outside = stray === '' ? undefined : parseJson(stray);
    if (isJsonObject(outside)) return decodeErrorObject(objectMember(outside, 'error') ?? outside, null);
    return this.#responses.finished
      ? this.#responses.flags
      : failure('truncated', 'the stream ended before the model had finished');
  }
}
