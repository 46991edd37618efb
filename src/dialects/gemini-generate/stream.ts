import type { Answer } from '../../core/answer.ts';
import type { AnswerEnvelope, ClientStream, ErrorReport, StreamedEvent } from '../../core/client-dialect.ts';
import { FramedItems, type Framing } from './framing.ts';
import { errorBody } from './members.ts';
import { PassedChunks } from './passed-chunks.ts';
import { WrittenChunks } from './written-chunks.ts';

/** What a stream begins with. */
interface StreamStart {
  readonly id: string;
  readonly sameProtocol: boolean;
}

/**
 * A stream of `GenerateContentResponse`. Chunks of the same protocol pass as they came, with the id
 * replaced; what says how the answer ends is kept until the upstream has ended.
 */
export class GenerateStream implements ClientStream {
  readonly #items: FramedItems;
  readonly #passed: PassedChunks | null;
  readonly #written: WrittenChunks;

  constructor({ id, sameProtocol }: StreamStart, framing: Framing) {
    this.#items = new FramedItems(framing);
    this.#passed = sameProtocol ? new PassedChunks(id) : null;
    this.#written = new WrittenChunks(id);
  }

  encode(streamed: StreamedEvent): readonly Buffer[] {
    const chunks =
      this.#passed !== null && streamed.native !== null
        ? this.#passed.take(streamed, streamed.native)
        : this.#written.take(streamed.parts);
    return chunks.flatMap((chunk) => this.#items.item(...chunk));
  }

  finish(answer: Answer, envelope: AnswerEnvelope): Buffer {
    const last = this.#passed?.finish(answer, envelope) ?? this.#written.finish(answer, envelope);
    return Buffer.concat([...this.#items.item(last), this.#items.end()]);
  }

  fail(error: ErrorReport): Buffer {
    const item = this.#items.item(Buffer.from(JSON.stringify(errorBody(error))));
    return Buffer.concat([...item, this.#items.end()]);
  }
}
