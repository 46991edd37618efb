/**
 * The chances of one decision, all of them from its one draw, so that it can be made again: the same draw gives the same
 * numbers in the same order, none of which tells anything of the draw (mulberry32 over a mix of all its bits).
 */
export class Chance {
  #state: number;

  /** @param draw a number in [0, 1) */
  constructor(draw: number) {
    const high = draw * 2 ** 32;
    this.#state = mixed(high ^ Math.imul((high % 1) * 2 ** 32, GOLDEN));
  }

  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + GOLDEN) | 0;
    return (mixed(this.#state) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, and not with, the count. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}

const GOLDEN = 0x6d2b79f5;

/** The step of mulberry32, public domain, Tommy Ettinger. */
function mixed(value: number): number {
  const first = Math.imul(value ^ (value >>> 15), value | 1);
  const second = first ^ (first + Math.imul(first ^ (first >>> 7), first | 61));
  return second ^ (second >>> 14);
}
