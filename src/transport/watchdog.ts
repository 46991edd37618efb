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

/** Watches many deadlines with one timer, which runs only while there is something to watch. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #entries = new Set<Deadline>();
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back once, at most 20 ms late, when the delay has passed. */
  watch(delayMs: number, onExpire: () => void): Watch {
    const deadline = new Deadline(this, this.#clock.now() + delayMs, onExpire);
    this.add(deadline);
    return deadline;
  }

  /** The time by which the deadlines go. */
  now(): number {
    return this.#clock.now();
  }

  /** Looks after the deadline until it is removed or has passed. */
  add(deadline: Deadline): void {
    this.#entries.add(deadline);
    this.#arm();
  }

  remove(deadline: Deadline): void {
    this.#entries.delete(deadline);
  }

  #arm(): void {
    if (this.#timer === null) this.#timer = this.#clock.setTimer(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const entry of this.#entries) {
      if (entry.at > now) continue;
      this.#entries.delete(entry);
      entry.onExpire();
    }
    if (this.#entries.size > 0) this.#arm();
  }
}

class Deadline implements Watch {
  /** When it passes, by the watchdog's clock. */
  at: number;
  readonly onExpire: () => void;
  readonly #watchdog: Watchdog;

  constructor(watchdog: Watchdog, at: number, onExpire: () => void) {
    this.#watchdog = watchdog;
    this.at = at;
    this.onExpire = onExpire;
  }

  extend(delayMs: number): void {
    this.at = this.#watchdog.now() + delayMs;
    this.#watchdog.add(this);
  }

  stop(): void {
    this.#watchdog.remove(this);
  }
}
