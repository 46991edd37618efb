import { expect, test } from 'vitest';

import { watchLoopDelay } from './loop-delay.ts';

/** Keeps the thread busy for so long. */
function work(durationMs: number): void {
  const endsAt = performance.now() + durationMs;
  while (performance.now() < endsAt);
}

test('measures how long what is ready has to wait, and nothing once it is stopped', async () => {
  const delays: number[] = [];
  let onMeasured: () => void = () => undefined;
  const stop = watchLoopDelay((delayMs) => {
    delays.push(delayMs);
    onMeasured();
    return true;
  });
  const measured = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const end = delays.length + count;
      onMeasured = () => {
        if (delays.length >= end) resolve();
      };
    });
  await measured(5);
  expect(Math.min(...delays)).toBeLessThan(20);

  // Every turn has work for 40 ms.
  let busy = true;
  const turn = (): void => {
    work(40);
    if (busy) setImmediate(turn);
  };
  turn();
  await measured(1);
  delays.length = 0;
  await measured(3);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(39);
  busy = false;
  stop();
  const count = delays.length;
  // Another that is asked as often shows that time enough has passed.
  await new Promise<void>((resolve) => {
    let left = 5;
    const stopOther = watchLoopDelay(() => {
      if (--left > 0) return true;
      stopOther();
      resolve();
      return false;
    });
  });
  expect(delays).toHaveLength(count);
});
