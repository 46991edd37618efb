import { expect, test } from 'vitest';

import { instantClock } from './clock.ts';
import { WallClock } from './wall-clock.ts';

test('virtual timers fire in the order they are due and move time to their moment', async () => {
  const clock = instantClock();
  const fired: string[] = [];
  await new Promise<void>((resolve) => {
    clock.after(5_000, () => {
      fired.push(`late ${clock.now()}`);
      resolve();
    });
    const cancelled = clock.after(20, () => fired.push('cancelled'));
    clock.after(10, () => {
      fired.push(`early ${clock.now()}`);
      cancelled.cancel();
      clock.after(100, () => fired.push(`nested ${clock.now()}`));
    });
  });
  expect(fired).toEqual(['early 10', 'nested 110', 'late 5000']);
});

test('virtual wall time starts where it is told and runs with the timers', async () => {
  const clock = instantClock(1_000);
  await new Promise<void>((resolve) => void clock.after(250, resolve));
  expect(clock.wallTime()).toBe(1_250);
});

test('the wall clock has no hour of its own until it is set', () => {
  const wall = new WallClock(instantClock());
  expect(wall.hourIfSet('Asia/Shanghai')).toBeNull();
  wall.set('14:30', 'Asia/Shanghai');
  expect(wall.hourIfSet('Asia/Shanghai')).toBe(14.5);
  expect(wall.hourIfSet('UTC')).toBe(6.5);
  wall.reset();
  expect(wall.hourIfSet('Asia/Shanghai')).toBeNull();
});

test('a set wall clock runs on', async () => {
  const clock = instantClock();
  const wall = new WallClock(clock);
  wall.set('23:59', 'UTC');
  await new Promise<void>((resolve) => void clock.after(2 * 60_000, resolve));
  expect(wall.hourIfSet('UTC')).toBeCloseTo(1 / 60, 5);
});

test.each([
  ['25:00', 'UTC', /HH:MM/],
  ['9:00', 'UTC', /HH:MM/],
  ['09:00', 'Mars/Olympus', /time zone/],
])('the wall clock refuses %s in %s', (at, zone, message) => {
  const wall = new WallClock(instantClock());
  expect(() => wall.set(at, zone)).toThrow(message);
});
