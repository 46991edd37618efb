/** A timer that can be taken back. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as the gateway knows it; injected, so that tests decide when a deadline passes. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. For durations. */
  now(): number;
  /** Milliseconds since the Unix epoch. For dates in records. */
  wallTime(): number;
  /** Runs the callback once after the delay. The timer does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer(delayMs, callback) {
    const timeout = setTimeout(callback, delayMs);
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
