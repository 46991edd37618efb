/** Time as the simulator knows it; injected, so that tests take none. */
export interface SimulatorClock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Milliseconds since the Unix epoch, before any `setClock`. */
  wallTime(): number;
  /** Runs the callback once, after the delay. */
  after(delayMs: number, callback: () => void): { cancel(): void };
}

/** The machine's clock, `speed` times as fast. Its timers do not keep the process alive. */
export function realClock(speed = 1): SimulatorClock {
  return {
    now: () => performance.now() * speed,
    wallTime: () => Date.now(),
    after(delayMs, callback) {
      const timeout = setTimeout(callback, delayMs / speed);
      timeout.unref();
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}

interface Pending {
  readonly dueMs: number;
  readonly callback: () => void;
}

/**
 * Virtual time: nothing waits. Each turn of the event loop the timer that is due first fires and time jumps to it, so the
 * order of events is that of real time. When nothing else is going on, even the longest timer fires at once.
 */
export function instantClock(startWallTimeMs = Date.UTC(2026, 10, 2, 12)): SimulatorClock {
  const pending: Pending[] = [];
  let nowMs = 0;
  let pumping = false;
  const pump = (): void => {
    pumping = false;
    const first = pending.shift();
    if (first === undefined) return;
    nowMs = Math.max(nowMs, first.dueMs);
    schedule();
    first.callback();
  };
  const schedule = (): void => {
    if (pumping || pending.length === 0) return;
    pumping = true;
    setImmediate(pump);
  };
  return {
    now: () => nowMs,
    wallTime: () => startWallTimeMs + nowMs,
    after(delayMs, callback) {
      const timer: Pending = { dueMs: nowMs + Math.max(0, delayMs), callback };
      const later = pending.findIndex((other) => other.dueMs > timer.dueMs);
      pending.splice(later === -1 ? pending.length : later, 0, timer);
      schedule();
      return {
        cancel() {
          const index = pending.indexOf(timer);
          if (index !== -1) pending.splice(index, 1);
        },
      };
    },
  };
}
