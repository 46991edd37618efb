const DAY_MS = 24 * 3600 * 1000;

/** What may be spent on one day (UTC), and what has been. Money in nano-USD. */
export class DayBudget {
  #day: number | null = null;
  #spent = 0;
  /** A cost that nobody knows may be any: from then on nothing more is spent that day. */
  #isUnknown = false;

  /**
   * Takes over what was spent before, on the day of that time.
   * @param spentNanoUsd `null`: not known
   */
  constructor(wallTimeMs: number, spentNanoUsd: number | null) {
    this.add(wallTimeMs, spentNanoUsd);
  }

  /** Adds a cost; `null`: not known. */
  add(wallTimeMs: number, costNanoUsd: number | null): void {
    this.#enter(wallTimeMs);
    if (costNanoUsd === null) this.#isUnknown = true;
    else this.#spent += costNanoUsd;
  }

  /** Why no more may be spent at that time; `null`: more may be. */
  refusal(wallTimeMs: number, limitNanoUsd: number): string | null {
    this.#enter(wallTimeMs);
    if (this.#isUnknown) return 'a cost of today is not known';
    const [spent, limit] = [this.#spent, limitNanoUsd].map((nano) => (nano / 1e9).toFixed(4));
    return this.#spent >= limitNanoUsd ? `$${spent} of $${limit} are spent today` : null;
  }

  #enter(wallTimeMs: number): void {
    const day = Math.floor(wallTimeMs / DAY_MS);
    // A clock that is set back gives nothing back.
    if (this.#day !== null && day <= this.#day) return;
    this.#day = day;
    this.#spent = 0;
    this.#isUnknown = false;
  }
}

/** Beginning of the day (UTC) of that time, in milliseconds since the Unix epoch. */
export function dayStartMs(wallTimeMs: number): number {
  return Math.floor(wallTimeMs / DAY_MS) * DAY_MS;
}

/** Runs tasks a few at a time and keeps a few waiting; what is more is turned away. */
export class TaskQueue {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #running = 0;
  readonly #waiting: (() => Promise<void>)[] = [];

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param task must not throw
   * @returns whether it is run, now or later
   */
  offer(task: () => Promise<void>): boolean {
    if (this.#running >= this.#atOnce && this.#waiting.length >= this.#mostWaiting) return false;
    this.#waiting.push(task);
    this.#runNext();
    return true;
  }

  #runNext(): void {
    const task = this.#running < this.#atOnce ? this.#waiting.shift() : undefined;
    if (task === undefined) return;
    this.#running++;
    void task().finally(() => {
      this.#running--;
      this.#runNext();
    });
  }
}
