import { createHash, type Hash } from 'node:crypto';
import { LedgerUnavailable } from '../ledger-unavailable.ts';
import type { BatchPlace } from './content-format.ts';

/** Batches that lie in one file, each with one piece of a body, in their order. */
export interface PieceRun {
  /** File name in `content/`. */
  readonly segment: string;
  /** Where each batch begins there. */
  readonly offsets: readonly number[];
}

/**
 * The beginning of a body whose end has not come: what was appended is on the kernel's side and no
 * longer in memory. No record points to it before the ledger's `finish` has been given it.
 */
export class GrowingBody {
  readonly salt: Buffer;
  readonly #write: (bytes: Buffer) => BatchPlace;
  readonly #hash: Hash;
  readonly #runs: { segment: string; offsets: number[] }[] = [];
  #length = 0;

  /** @param write writes one piece and says where it lies; what it throws is the system's error */
  constructor(salt: Buffer, write: (bytes: Buffer) => BatchPlace) {
    this.salt = salt;
    this.#write = write;
    this.#hash = createHash('sha256').update(salt);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  get runs(): readonly PieceRun[] {
    return this.#runs;
  }

  /** Writes the next bytes. @throws LedgerUnavailable */
  append(bytes: Buffer): void {
    const { segment, offset } = this.#written(bytes);
    this.#hash.update(bytes);
    this.#length += bytes.length;
    const last = this.#runs.at(-1);
    if (last?.segment === segment) last.offsets.push(offset);
    else this.#runs.push({ segment, offsets: [offset] });
  }

  /** The commitment to the body that ends with these bytes. */
  commitmentWith(end: Buffer): string {
    return this.#hash.copy().update(end).digest('hex');
  }

  #written(bytes: Buffer): BatchPlace {
    try {
      return this.#write(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LedgerUnavailable(`a part of an answer cannot be written: ${reason}`, error);
    }
  }
}
