import { expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { DecisionLog, type DecisionEntry } from './decision-log.ts';

const CHANGE = {
  kind: 'circuit',
  deployment: 'openai/gpt-4o',
  route: null,
  what: 'open',
  reason: '8 of 8 failed',
} as const;

test('lists the newest first, since a moment and at most so many', () => {
  const clock = new ManualClock();
  const log = new DecisionLog(clock, () => undefined);
  for (const what of ['open', 'half_open', 'closed'] as const) {
    log.add({ ...CHANGE, what });
    clock.advance(1000);
  }
  const words = (sinceMs: number, limit: number): readonly string[] =>
    log.list({ sinceMs, limit }).map(({ what }) => what);
  expect(words(0, 10)).toEqual(['closed', 'half_open', 'open']);
  expect(words(0, 2)).toEqual(['closed', 'half_open']);
  expect(words(clock.wallTime() - 2000, 10)).toEqual(['closed', 'half_open']);
  expect(log.list({ sinceMs: 0, limit: 1 })).toEqual([
    { ...CHANGE, what: 'closed', at: '2026-11-02T12:00:02.000Z', pid: process.pid },
  ]);
});

test('keeps the latest 500, and tells of each as it comes', () => {
  const told: DecisionEntry[] = [];
  const log = new DecisionLog(new ManualClock(), (entry) => told.push(entry));
  for (let n = 0; n < 510; n++) log.add({ ...CHANGE, reason: String(n) });
  const kept = log.list({ sinceMs: 0, limit: 1000 });
  expect([kept.length, kept[0]?.reason, kept.at(-1)?.reason]).toEqual([500, '509', '10']);
  expect(told).toHaveLength(510);
});
