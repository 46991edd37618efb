/** Lets one comparison run at a time in a process: they cost money, and load those who are asked. */
export class ComparisonSlot {
  #isTaken = false;

  /** @returns gives it back; `null`: it is taken */
  take(): (() => void) | null {
    if (this.#isTaken) return null;
    this.#isTaken = true;
    return () => {
      this.#isTaken = false;
    };
  }
}
