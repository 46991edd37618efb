import type { Clock, Timer } from '../core/clock.ts';

/** How coarse deadlines are: one clock serves every stream instead of a timer each. */
const TICK_MS = 20;

/** One deadline that can be moved. */
export interface Watch {
  /** Fires this long from now unless moved or stopped again. */
  extend(delayMs: number): void;
  /** Fires at that monotonic time unless moved or stopped again. */
  until(at: number): void;
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

  /**
   * Calls back once, at most 20 ms late, when the delay has passed. What the callback throws comes
   * out of the clock's timer, after every other deadline of the moment has had its turn.
   */
  watch(delayMs: number, onExpire: () => void): Watch {
    const watch = this.prepare(onExpire);
    watch.extend(delayMs);
    return watch;
  }

  /** A deadline that never fires until it is extended. */
  prepare(onExpire: () => void): Watch {
    return new Deadline(this, onExpire);
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
    const errors: unknown[] = [];
    for (const entry of this.#entries) {
      if (entry.at > now) continue;
      this.#entries.delete(entry);
      try {
        entry.onExpire();
      } catch (error) {
        errors.push(error);
      }
    }
    if (this.#entries.size > 0) this.#arm();
    // One that fails must not cost the others their deadline; the clock's caller still hears of it.
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} deadlines failed as they fired`);
  }
}

class Deadline implements Watch {
  /** When it passes, by the watchdog's clock. */
  at = Number.POSITIVE_INFINITY;
  readonly onExpire: () => void;
  readonly #watchdog: Watchdog;

  constructor(watchdog: Watchdog, onExpire: () => void) {
    this.#watchdog = watchdog;
    this.onExpire = onExpire;
  }

  extend(delayMs: number): void {
    this.until(this.#watchdog.now() + delayMs);
  }

  until(at: number): void {
    this.at = at;
    this.#watchdog.add(this);
  }

  stop(): void {
    this.#watchdog.remove(this);
  }
}
