import type { Clock, Timer } from '../core/clock.ts';

/** How coarse deadlines are: one clock serves every stream instead of a timer each. */
const TICK_MS = 20;

/** One deadline that can be moved. */
export interface Watch {
  /** Fires this long from now unless moved or stopped again. */
  extend(delayMs: number): void;
  /** Never fires until extended again. */
  stop(): void;
}

interface Entry extends Watch {
  deadline: number;
  readonly onExpire: () => void;
}

/** Watches many deadlines with one timer, which runs only while there is something to watch. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back once, at most 20 ms late, when the delay has passed. */
  watch(delayMs: number, onExpire: () => void): Watch {
    const entry: Entry = {
      deadline: this.#clock.now() + delayMs,
      onExpire,
      extend: (nextMs) => {
        entry.deadline = this.#clock.now() + nextMs;
        this.#add(entry);
      },
      stop: () => {
        this.#entries.delete(entry);
      },
    };
    this.#add(entry);
    return entry;
  }

  #add(entry: Entry): void {
    this.#entries.add(entry);
    this.#arm();
  }

  #arm(): void {
    if (this.#timer === null) this.#timer = this.#clock.setTimer(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const entry of this.#entries) {
      if (entry.deadline > now) continue;
      this.#entries.delete(entry);
      entry.onExpire();
    }
    if (this.#entries.size > 0) this.#arm();
  }
}
