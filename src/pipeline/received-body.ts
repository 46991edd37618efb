import { createHash, hash, type Hash } from 'node:crypto';

import type { Secret } from '../core/secret.ts';
import type { GrowingBody } from '../ledger/ledger.ts';
import type { AnswerSpill } from './answer-spill.ts';

const NOTHING = Buffer.alloc(0);
const FIRST_CAPACITY_BYTES = 4096;
/** A body may take so much memory once it need not be kept there. */
const MAX_IN_MEMORY_BYTES = 16 * 1024;

/**
 * What has come of an answer's body, without the key the vendor was sent, which it may quote. In
 * memory it is one piece: kept chunk by chunk, the objects of a few hundred streams would outlive
 * one collection after the other and cost more than the streams.
 */
export class ReceivedBody {
  readonly #secret: Secret | null;
  /** So many bytes at the end may be the beginning of the secret. */
  readonly #openBytes: number;
  #buffer: Buffer = NOTHING;
  #inMemory = 0;
  #spill: AnswerSpill | null = null;
  #written: GrowingBody | null = null;
  #hash: Hash | null = null;
  #scrubbed = false;

  /** @param secret what must not be kept of it */
  constructor(secret: Secret | null) {
    this.#secret = secret;
    this.#openBytes = Math.max(0, (secret?.byteLength ?? 0) - 1);
  }

  get length(): number {
    return (this.#written?.length ?? 0) + this.#inMemory;
  }

  /** The bytes that are in memory, which is all of them until `spillTo`; to be read before more is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#inMemory);
  }

  /** What has been written of it: it comes before `bytes`. `null`: nothing. */
  get written(): GrowingBody | null {
    return this.#written;
  }

  /** Whether the secret was found and replaced. */
  get scrubbed(): boolean {
    return this.#scrubbed;
  }

  /** From now on at most 16 KiB stay in memory; what came before them is written. */
  spillTo(spill: AnswerSpill): void {
    // A secret of that length is no key; one that fills the memory would leave nothing to write.
    if (this.#openBytes < MAX_IN_MEMORY_BYTES / 2) this.#spill = spill;
  }

  /** Adds a chunk, which must not change any more: the only one of a body is kept as it is. @throws LedgerUnavailable */
  append(chunk: Buffer): void {
    const length = this.#inMemory + chunk.length;
    if (this.#spill !== null && length > MAX_IN_MEMORY_BYTES) {
      this.#write(this.#spill, chunk);
      return;
    }
    if (length === chunk.length) {
      this.#buffer = chunk;
    } else {
      if (length > this.#buffer.length) this.#grow(length);
      chunk.copy(this.#buffer, this.#inMemory);
    }
    this.#inMemory = length;
  }

  /** Replaces the secret wherever it stands in what is in memory. */
  scrub(): void {
    const clean = this.#withoutSecret(this.bytes);
    if (clean === null) return;
    this.#buffer = clean;
    this.#inMemory = clean.length;
  }

  /** SHA-256 of all of it; `null` when nothing has come. */
  sha256(): string | null {
    if (this.length === 0) return null;
    return this.#hash === null ? hash('sha256', this.bytes) : this.#hash.copy().update(this.bytes).digest('hex');
  }

  /** Writes what is in memory and the chunk, but for an end in which the secret may have begun. */
  #write(spill: AnswerSpill, chunk: Buffer): void {
    this.#written ??= spill.begin();
    this.#hash ??= createHash('sha256');
    const joined = spill.join(this.bytes, chunk);
    const clean = this.#withoutSecret(joined) ?? joined;
    const piece = clean.subarray(0, clean.length - this.#openBytes);
    this.#written.append(piece);
    this.#hash.update(piece);
    // Most streams that come here go on like this: none keeps room that it may need again.
    this.#buffer = Buffer.allocUnsafeSlow(this.#openBytes);
    this.#inMemory = clean.copy(this.#buffer, 0, piece.length);
  }

  /** `null` when the secret is not in the bytes. */
  #withoutSecret(bytes: Buffer): Buffer | null {
    const clean = this.#secret?.scrubBytes(bytes) ?? null;
    this.#scrubbed ||= clean !== null;
    return clean;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, length, FIRST_CAPACITY_BYTES));
    this.#buffer.copy(larger, 0, 0, this.#inMemory);
    this.#buffer = larger;
  }
}
