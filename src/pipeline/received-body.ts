const NOTHING = Buffer.alloc(0);
const FIRST_CAPACITY_BYTES = 4096;

/**
 * What has come of an answer's body, in one piece. Kept chunk by chunk, the objects of a few
 * hundred streams would outlive one collection after the other and cost more than the streams.
 */
export class ReceivedBody {
  #buffer: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; to be read before more is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Adds a chunk, which must not change any more: the only one of a body is kept as it is. */
  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) {
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.length) this.#grow(length);
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length = length;
  }

  /** Puts other bytes in the place of those that came. */
  replace(bytes: Buffer): void {
    this.#buffer = bytes;
    this.#length = bytes.length;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, length, FIRST_CAPACITY_BYTES));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
