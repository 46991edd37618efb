import { expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { Watchdog } from './watchdog.ts';

function watched(): { readonly clock: ManualClock; readonly watchdog: Watchdog; readonly fired: string[] } {
  const clock = new ManualClock();
  return { clock, watchdog: new Watchdog(clock), fired: [] };
}

test('a deadline fires once, not before its time and at most 20 ms after it', () => {
  const { clock, watchdog, fired } = watched();
  watchdog.watch(1000, () => fired.push('late'));
  clock.advance(999);
  expect(fired).toEqual([]);
  clock.advance(21);
  expect(fired).toEqual(['late']);
  clock.advance(100_000);
  expect(fired).toEqual(['late']);
});

test('a stopped one never fires, an extended one at its new time', () => {
  const { clock, watchdog, fired } = watched();
  const stopped = watchdog.watch(100, () => fired.push('stopped'));
  const extended = watchdog.watch(100, () => fired.push('extended'));
  clock.advance(50);
  stopped.stop();
  extended.extend(500);
  clock.advance(499);
  expect(fired).toEqual([]);
  clock.advance(21);
  expect(fired).toEqual(['extended']);
});

test('a stopped one can be watched again', () => {
  const { clock, watchdog, fired } = watched();
  const watch = watchdog.watch(100, () => fired.push('again'));
  watch.stop();
  clock.advance(1000);
  watch.extend(100);
  clock.advance(120);
  expect(fired).toEqual(['again']);
});

test('many are kept apart, and one may stop another as it fires', () => {
  const { clock, watchdog, fired } = watched();
  const victim = watchdog.watch(200, () => fired.push('victim'));
  watchdog.watch(100, () => {
    fired.push('first');
    victim.stop();
  });
  watchdog.watch(300, () => fired.push('last'));
  clock.advance(1000);
  expect(fired).toEqual(['first', 'last']);
});

test('one that is set as another fires is watched too', () => {
  const { clock, watchdog, fired } = watched();
  watchdog.watch(100, () => {
    watchdog.watch(100, () => fired.push('second'));
  });
  clock.advance(240);
  expect(fired).toEqual(['second']);
});

test('one that throws is heard of, and takes nothing from the others', () => {
  const { clock, watchdog, fired } = watched();
  for (const name of ['first', 'second']) {
    watchdog.watch(100, () => {
      throw new Error(`broken: ${name}`);
    });
  }
  watchdog.watch(100, () => fired.push('same moment'));
  watchdog.watch(500, () => fired.push('later'));
  expect(() => clock.advance(120)).toThrow('2 deadlines failed as they fired');
  expect(fired).toEqual(['same moment']);
  clock.advance(500);
  expect(fired).toEqual(['same moment', 'later']);
  watchdog.watch(100, () => {
    throw new Error('broken alone');
  });
  expect(() => clock.advance(120)).toThrow('broken alone');
});

test('one that was only prepared fires once it is extended', () => {
  const { clock, watchdog, fired } = watched();
  const watch = watchdog.prepare(() => fired.push('prepared'));
  clock.advance(100_000);
  expect(fired).toEqual([]);
  watch.extend(100);
  clock.advance(120);
  expect(fired).toEqual(['prepared']);
});

test('no timer runs while nothing is watched', () => {
  const timers: number[] = [];
  const clock = new ManualClock();
  const counting = {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer(delayMs: number, callback: () => void) {
      timers.push(delayMs);
      return clock.setTimer(delayMs, callback);
    },
  };
  const watch = new Watchdog(counting).watch(60, () => undefined);
  expect(timers).toHaveLength(1);
  watch.stop();
  clock.advance(1000);
  expect(timers).toHaveLength(1);
});
