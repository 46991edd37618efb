import type { Clock, Timer } from '../../core/clock.ts';
import type { SimulatorClock } from '../../simulator/clock.ts';
import type { LoopbackTraffic } from './loopback-traffic.ts';

interface Pending {
  readonly dueMs: number;
  readonly callback: () => void;
  /** Whether it is the simulator that waits, to go on with an answer. */
  readonly isAnswer: boolean;
}

const START_WALL_TIME_MS = Date.UTC(2026, 10, 2, 12);
/** Turns of the event loop after the last byte has arrived: what it sets off in this process is done by then. */
const QUIET_TURNS = 4;
/** Real time in which something must happen. */
const PATIENCE_MS = 30_000;

/**
 * Time for gateway, simulator and clients of one process. It stands still while anything is being worked at, and jumps to
 * the next timer when every open request waits for the simulator, and no byte is under way: so the same requests take the
 * same time on every machine.
 */
export class VirtualClock implements Clock, SimulatorClock {
  #nowMs = 0;
  #pending: Pending[] = [];
  #open = 0;
  readonly #traffic: Pick<LoopbackTraffic, 'isUnderWay'>;

  readonly #signal: AbortSignal;

  /** @param signal ends the waiting in `run` */
  constructor(traffic: Pick<LoopbackTraffic, 'isUnderWay'>, signal: AbortSignal) {
    this.#traffic = traffic;
    this.#signal = signal;
  }

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return START_WALL_TIME_MS + this.#nowMs;
  }

  /** A timer of the gateway. */
  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, callback, false);
  }

  /** A timer of the simulator: an answer under way has one at each moment. */
  after(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, callback, true);
  }

  /** Waits for a moment of this clock, in milliseconds since its start. */
  at(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#add(ms - this.#nowMs, resolve, false);
    });
  }

  /** Time does not pass before the simulator works at the request, and again as it is answered. */
  async during<Value>(request: Promise<Value>): Promise<Value> {
    this.#open += 1;
    try {
      return await request;
    } finally {
      this.#open -= 1;
    }
  }

  /**
   * Lets time pass until the task is done.
   * @throws Error when for half a minute of real time nothing has happened; and the reason of the signal
   */
  async run<Value>(task: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const note = (): void => {
      isSettled = true;
    };
    task.then(note, note);
    let lastMs = performance.now();
    let quietTurns = QUIET_TURNS;
    while (!isSettled) {
      await turns(quietTurns);
      this.#signal.throwIfAborted();
      quietTurns = QUIET_TURNS;
      if (isSettled || this.#traffic.isUnderWay()) continue;
      const fired = this.#isIdle() ? this.#fireNext() : null;
      if (fired !== null) lastMs = performance.now();
      // Most timers of the gateway only look whether something is overdue; what they end shows at once.
      if (fired?.isAnswer === false) quietTurns = 1;
      if (performance.now() - lastMs > PATIENCE_MS) throw new Error('nothing happens any more');
    }
    return task;
  }

  #add(delayMs: number, callback: () => void, isAnswer: boolean): Timer {
    const timer: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), callback, isAnswer };
    this.#pending.push(timer);
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== timer);
      },
    };
  }

  /** Whether every open request waits for the simulator. */
  #isIdle(): boolean {
    return this.#pending.filter(({ isAnswer }) => isAnswer).length === this.#open;
  }

  /** Fires the timer that is due first, at its moment; `null`: there is none. */
  #fireNext(): Pending | null {
    const [first, ...others] = this.#pending;
    if (first === undefined) return null;
    const next = others.reduce((one, other) => (other.dueMs < one.dueMs ? other : one), first);
    this.#pending = this.#pending.filter((other) => other !== next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.callback();
    return next;
  }
}

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
