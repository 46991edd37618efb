import type { GrowingBody, Ledger } from '../ledger/ledger.ts';

const ROOM_BYTES = 64 * 1024;

/** Where answers go that are too large to be kept in memory until they have ended: into the ledger's content, piece by piece. */
export class AnswerSpill {
  readonly #ledger: Ledger;
  readonly #room = Buffer.allocUnsafeSlow(ROOM_BYTES);

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Begins the body of one answer. */
  begin(): GrowingBody {
    return this.#ledger.beginBody();
  }

  /** The two in one piece, good until the next call: one room serves all, so that a copy leaves nothing behind. */
  join(first: Buffer, second: Buffer): Buffer {
    const length = first.length + second.length;
    if (length > ROOM_BYTES) return Buffer.concat([first, second]);
    first.copy(this.#room);
    second.copy(this.#room, first.length);
    return this.#room.subarray(0, length);
  }
}
