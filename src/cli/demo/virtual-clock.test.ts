import { expect, it } from 'vitest';

import { VirtualClock } from './virtual-clock.ts';

const NEVER = new AbortController().signal;
const QUIET = { isUnderWay: () => false };

it('fires timers in the order of their moments, and takes no real time for it', async () => {
  const clock = new VirtualClock(QUIET, NEVER);
  const fired: string[] = [];
  clock.setTimer(2_000, () => fired.push(`late ${clock.now()}`));
  clock.setTimer(1_000, () => fired.push(`early ${clock.now()}`));
  clock.setTimer(500, () => fired.push('never')).cancel();
  await clock.run(clock.at(3_600_000));
  expect(fired).toEqual(['early 1000', 'late 2000']);
  expect(clock.now()).toBe(3_600_000);
});

it('stands still until each open request waits for the simulator', async () => {
  const clock = new VirtualClock(QUIET, NEVER);
  let reached = false;
  const request = async (): Promise<number> => {
    // The gateway is at work, for as many turns as it takes.
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    reached = true;
    await new Promise<void>((resolve) => void clock.after(700, resolve));
    return clock.now();
  };
  let tooEarly = false;
  clock.setTimer(100, () => (tooEarly = !reached));
  expect(await clock.run(clock.during(request()))).toBe(700);
  expect(tooEarly).toBe(false);
});

it('stands still while bytes are under way', async () => {
  let left = 20;
  const clock = new VirtualClock({ isUnderWay: () => left-- > 0 }, NEVER);
  const seen: number[] = [];
  clock.setTimer(10, () => seen.push(left));
  await clock.run(clock.at(20));
  expect(seen[0]).toBeLessThan(0);
});

it('ends its waiting when it is told to', async () => {
  const stop = new AbortController();
  const clock = new VirtualClock(QUIET, stop.signal);
  const waiting = clock.run(clock.during(new Promise(() => undefined)));
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
