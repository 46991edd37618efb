import { contentCharacters, type AnswerPart } from '../core/answer.ts';

/** So much of an answer stands for the whole of it when it breaks off. */
const SAMPLE_BYTES = 2048;
const ENCODER = new TextEncoder();

/** The beginning of an answer's content, and how long the answer is: what its tokens are estimated from when it breaks off. */
export class AnswerSample {
  #characters = 0;
  #sampledCharacters = 0;
  #bytes: Buffer | null = null;
  #length = 0;
  #isFull = false;

  /** How many times as long the answer is as the sample; 1 while the sample is all of it. */
  get scale(): number {
    return this.#sampledCharacters === 0 ? 1 : this.#characters / this.#sampledCharacters;
  }

  /** At most 2 KiB of UTF-8; empty: no content has come. */
  get text(): string {
    return this.#bytes?.toString('utf8', 0, this.#length) ?? '';
  }

  /** Takes the next part. */
  add(part: AnswerPart): void {
    const characters = contentCharacters(part);
    if (characters === 0) return;
    this.#characters += characters;
    if (!this.#isFull) this.#keep(textOf(part));
  }

  /** The answer has begun anew. */
  restart(): void {
    this.#characters = 0;
    this.#sampledCharacters = 0;
    this.#length = 0;
    this.#isFull = false;
  }

  #keep(text: string): void {
    this.#bytes ??= Buffer.allocUnsafeSlow(SAMPLE_BYTES);
    const { read, written } = ENCODER.encodeInto(text, this.#bytes.subarray(this.#length));
    this.#length += written;
    this.#sampledCharacters += read;
    this.#isFull = read < text.length;
  }
}

function textOf(part: AnswerPart): string {
  if ('text' in part) return part.text;
  return part.type === 'tool-call-arguments' ? part.fragment : '';
}
