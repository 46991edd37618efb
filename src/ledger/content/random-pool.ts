import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;

/** Random bytes in small portions: one call of the generator serves many. Each byte is handed out once. */
export class RandomPool {
  readonly #pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  #position = POOL_BYTES;

  /** Puts `length` (at most 4096) random bytes into `target` at `offset`. */
  fill(target: Buffer, offset: number, length: number): void {
    if (this.#position + length > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#position = 0;
    }
    const end = this.#position + length;
    this.#pool.copy(target, offset, this.#position, end);
    this.#pool.fill(0, this.#position, end);
    this.#position = end;
  }
}
