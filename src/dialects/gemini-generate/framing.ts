/** How the items of a stream are set apart. */
export interface Framing {
  readonly first: string;
  readonly next: string;
  readonly after: string;
  /** What stands after the last one. */
  readonly end: string;
}

export const SSE_FRAMING: Framing = { first: 'data: ', next: 'data: ', after: '\n\n', end: '' };
export const ARRAY_FRAMING: Framing = { first: '[', next: ',\r\n', after: '', end: ']' };

/** Writes the items of one stream. Holds its state. */
export class FramedItems {
  readonly #framing: Framing;
  #isBegun = false;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** One item: JSON, in pieces. */
  item(...json: readonly Buffer[]): readonly Buffer[] {
    const before = this.#isBegun ? this.#framing.next : this.#framing.first;
    this.#isBegun = true;
    const { after } = this.#framing;
    return [Buffer.from(before), ...json, ...(after === '' ? [] : [Buffer.from(after)])];
  }

  /** What ends the stream. */
  end(): Buffer {
    return Buffer.from(this.#framing.end);
  }
}
