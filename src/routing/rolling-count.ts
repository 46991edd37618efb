/** How often something happened in the latest seconds, counted by the second: nothing is kept of the single events. */
export class RollingCount {
  readonly #counts: Uint32Array;
  #second = 0;
  #sum = 0;

  /** @param seconds how far back it looks, the current second included */
  constructor(seconds: number) {
    this.#counts = new Uint32Array(seconds);
  }

  add(nowMs: number): void {
    this.#goTo(nowMs);
    const index = this.#second % this.#counts.length;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum++;
  }

  sum(nowMs: number): number {
    this.#goTo(nowMs);
    return this.#sum;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }

  #goTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    const { length } = this.#counts;
    if (second - this.#second >= length) this.clear();
    else {
      for (let passed = this.#second + 1; passed <= second; passed++) {
        this.#sum -= this.#counts[passed % length] ?? 0;
        this.#counts[passed % length] = 0;
      }
    }
    this.#second = second;
  }
}
