/** Past this nothing new is taken in. What is decoded of a body comes on top: the process takes two or three times as much. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/** What the gateway holds in memory of bodies that must be there whole: requests, answers that are not streams, streams that are held. */
export class HeldBytes {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = MAX_HELD_BYTES) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is as much as may be. */
  get isFull(): boolean {
    return this.#bytes >= this.#limit;
  }

  /** Begins to count for one request. */
  hold(): Holding {
    return new Holding((bytes) => {
      this.#bytes += bytes;
      return !this.isFull;
    });
  }
}

/** What is held for one request. */
export class Holding {
  readonly #count: (bytes: number) => boolean;
  #bytes = 0;

  /** @param count adds to what is held in all; says whether there is room for more */
  constructor(count: (bytes: number) => boolean) {
    this.#count = count;
  }

  /** Counts bytes in. @returns whether there is room for more; they are counted all the same */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#count(bytes);
  }

  /** Counts everything out again: the request has ended. */
  release(): void {
    this.#count(-this.#bytes);
    this.#bytes = 0;
  }
}
