/** An idle process is not to be woken often; one that is overloaded is awake anyway. */
const INTERVAL_MS = 200;
const CLOSE_INTERVAL_MS = 5;

/**
 * Measures now and then how long one turn of the event loop takes while no turn waits for anything:
 * from one check phase to the next. That is how long what has just become ready must wait.
 * @param onDelay gets the milliseconds the turn took, and the monotonic time; says whether to look closely from now on
 * @returns ends the measuring
 */
export function watchLoopDelay(onDelay: (delayMs: number, now: number) => boolean): () => void {
  const measure = (): void => {
    // The first turn may begin in the middle; with another callback waiting, the next does not sleep.
    setImmediate(() => {
      const begunAt = performance.now();
      setImmediate(() => {
        const now = performance.now();
        later(onDelay(now - begunAt, now) ? CLOSE_INTERVAL_MS : INTERVAL_MS);
      });
    });
  };
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const later = (delayMs: number): void => {
    if (!stopped) timer = setTimeout(measure, delayMs).unref();
  };
  later(INTERVAL_MS);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}
