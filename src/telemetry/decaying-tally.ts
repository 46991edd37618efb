import { decayFactor, NEGLIGIBLE } from './decay.ts';

/** Sums by name that decay in wall-clock time. The times given to it must not go back. */
export class DecayingTally<Name extends string> {
  readonly #halfLifeMs: number;
  readonly #sums = new Map<Name, number>();
  #atMs: number;

  constructor(halfLifeMs: number, nowMs: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#atMs = nowMs;
  }

  /** Sums as they were at that time. */
  static from<Name extends string>(
    sums: Iterable<readonly [Name, number]>,
    halfLifeMs: number,
    atMs: number,
  ): DecayingTally<Name> {
    const tally = new DecayingTally<Name>(halfLifeMs, atMs);
    for (const [name, sum] of sums) tally.#sums.set(name, sum);
    return tally;
  }

  add(name: Name, amount: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + amount);
  }

  /** 0 for what was never added. */
  get(name: Name, nowMs: number): number {
    this.#advance(nowMs);
    return this.#sums.get(name) ?? 0;
  }

  entries(nowMs: number): Iterable<[Name, number]> {
    this.#advance(nowMs);
    return this.#sums.entries();
  }

  #advance(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    const factor = decayFactor(nowMs - this.#atMs, this.#halfLifeMs);
    this.#atMs = nowMs;
    for (const [name, sum] of this.#sums) {
      const left = sum * factor;
      if (left < NEGLIGIBLE) this.#sums.delete(name);
      else this.#sums.set(name, left);
    }
  }
}
