import { expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import type { AnswerPart } from '../core/answer.ts';
import type { StreamMode } from '../core/route.ts';
import { Transport } from '../transport/send.ts';
import { StreamWindow } from './stream-window.ts';

function windowOf(mode: StreamMode): { clock: ManualClock; window: StreamWindow; passed: () => number } {
  const clock = new ManualClock();
  let passed = 0;
  const window = new StreamWindow(mode, { clock, transport: new Transport(clock) }, () => passed++);
  return { clock, window, passed: () => passed };
}

const text = (length: number): readonly AnswerPart[] => [{ type: 'text', text: 'x'.repeat(length) }];
const ROLE: readonly AnswerPart[] = [
  { type: 'model', model: 'gpt-4o' },
  { type: 'text', text: '' },
];

test('trail opens with the first content, hold never', () => {
  const { window: trail } = windowOf('trail');
  expect([trail.take(ROLE), trail.take(text(1))]).toEqual([false, true]);
  const { window: hold, clock, passed } = windowOf('hold');
  expect([hold.take(text(1_000_000)), hold.take(text(1))]).toEqual([false, false]);
  clock.advance(1_000_000);
  expect(passed()).toBe(0);
});

test('a window of characters opens with the last of them, whatever sort of content they are', () => {
  const { window } = windowOf({ characters: 12 });
  expect(window.take([{ type: 'reasoning', text: 'Hm. ' }])).toBe(false);
  expect(window.take([{ type: 'tool-call-arguments', index: 0, fragment: '{"a":1}' }])).toBe(false);
  expect(window.take(ROLE)).toBe(false);
  expect(window.take(text(1))).toBe(true);
});

test('a window of time opens so long after the first content, although nothing more comes', () => {
  const { window, clock, passed } = windowOf({ milliseconds: 400 });
  clock.advance(5_000);
  expect(window.take(ROLE)).toBe(false);
  clock.advance(5_000);
  expect(window.take(text(1))).toBe(false);
  clock.advance(300);
  expect(window.take(text(1))).toBe(false);
  clock.advance(90);
  expect(passed()).toBe(0);
  clock.advance(30);
  expect(passed()).toBe(1);
});

test('the part that comes when the time is up opens it too', () => {
  const { window, clock } = windowOf({ milliseconds: 10 });
  expect(window.take(text(1))).toBe(false);
  clock.advance(11);
  expect(window.take(text(1))).toBe(true);
});

test('one that was stopped is opened by the next part only, at the time it would have', () => {
  const { window, clock, passed } = windowOf({ milliseconds: 400 });
  window.take(text(1));
  window.stop();
  clock.advance(300);
  expect(window.take(text(1))).toBe(false);
  window.stop();
  clock.advance(1_000);
  expect(passed()).toBe(0);
  expect(window.take(text(1))).toBe(true);
});
