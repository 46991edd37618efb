import type { Clock, Timer } from '../../src/core/clock.ts';
import type { SimulatorClock } from '../../src/simulator/clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** How far time goes in one turn of the event loop while `passUntil` waits: one tick of the gateway's watchdog. */
const STEP_MS = 20;
const START_WALL_TIME_MS = Date.UTC(2026, 10, 2, 12);

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #pending: Pending[] = [];

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return START_WALL_TIME_MS + this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#pending.push(timer);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== timer);
      },
    };
  }

  /** Moves time on; timers that come due fire in their order, each at its own moment. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const due = this.#pending.filter((timer) => timer.dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      this.#pending = this.#pending.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.callback();
    }
    this.#nowMs = endMs;
  }

  /**
   * Lets time pass, a step each turn of the event loop, until the promise has settled: what is on
   * its way over a socket arrives in between.
   * @throws Error when it has not settled after `limitMs` of this clock
   */
  async passUntil<Value>(promise: Promise<Value>, limitMs = 4_000_000): Promise<Value> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    const endMs = this.#nowMs + limitMs;
    while (!settled) {
      if (this.#nowMs > endMs) throw new Error(`nothing had come of it after ${limitMs} ms`);
      this.advance(STEP_MS);
      await turn();
    }
    return promise;
  }
}

/** The same time for the simulator: what is slow there is slow to the gateway. */
export function simulatorClockOf(clock: ManualClock): SimulatorClock {
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    after: (delayMs, callback) => clock.setTimer(delayMs, callback),
  };
}

/** Lets what is on its way arrive, without any time passing on a manual clock. */
export async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done++) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
