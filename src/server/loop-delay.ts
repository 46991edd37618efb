/** An idle process is not to be woken often; one that is overloaded is awake anyway. */
const INTERVAL_MS = 200;
const CLOSE_INTERVAL_MS = 5;

/**
 * Measures now and then how long the event loop lets things wait: from a moment it knows nothing of
 * to when it has dealt with all that was ready by then.
 * @param onDelay gets the milliseconds, and the monotonic time; says whether to look closely from now on
 * @returns ends the measuring
 */
export function watchLoopDelay(onDelay: (delayMs: number, now: number) => boolean): () => void {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const measureAfter = (intervalMs: number): void => {
    if (stopped) return;
    const dueAt = performance.now() + intervalMs;
    timer = setTimeout(() => {
      // Node may fire a little early: its timers count from the beginning of a turn.
      const readyAt = Math.min(dueAt, performance.now());
      // Timers come first in a turn, then what has arrived, then this.
      setImmediate(() => {
        const now = performance.now();
        measureAfter(onDelay(now - readyAt, now) ? CLOSE_INTERVAL_MS : INTERVAL_MS);
      });
    }, intervalMs).unref();
  };
  measureAfter(INTERVAL_MS);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}
