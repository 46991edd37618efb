import { expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Failure } from '../core/failure.ts';
import { Transport } from '../transport/send.ts';
import { SilenceLimit } from './silence-limit.ts';

function limited(): {
  readonly clock: ManualClock;
  readonly limit: SilenceLimit;
  readonly kinds: () => readonly string[];
} {
  const clock = new ManualClock();
  const aborted: Failure[] = [];
  const call = { response: new Promise<never>(() => undefined), abort: (reason: Failure) => aborted.push(reason) };
  const limit = new SilenceLimit(call, 1_000, clock.now(), { clock, transport: new Transport(clock) });
  return { clock, limit, kinds: () => aborted.map(({ kind }) => kind) };
}

test('a call that says nothing is given up once, at most 20 ms late', () => {
  const { clock, kinds } = limited();
  clock.advance(999);
  expect(kinds()).toEqual([]);
  clock.advance(5_000);
  expect(kinds()).toEqual(['idle_timeout']);
});

test('each sign of life begins the time anew', () => {
  const { clock, limit, kinds } = limited();
  for (let beat = 0; beat < 5; beat++) {
    clock.advance(900);
    limit.heard(clock.now());
  }
  expect(kinds()).toEqual([]);
  clock.advance(1_020);
  expect(kinds()).toEqual(['idle_timeout']);
});

test('time spent on something else does not count, and what is left of the limit counts after it', async () => {
  const { clock, limit, kinds } = limited();
  clock.advance(400);
  let finish = (): void => undefined;
  const other = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const waited = limit.except(other);
  clock.advance(60_000);
  expect(kinds()).toEqual([]);
  finish();
  await waited;
  clock.advance(590);
  expect(kinds()).toEqual([]);
  clock.advance(40);
  expect(kinds()).toEqual(['idle_timeout']);
});

test('another patience counts from the last sign of life, and what did not count does not count later', async () => {
  const { clock, limit, kinds } = limited();
  clock.advance(100);
  let finish = (): void => undefined;
  const waited = limit.except(
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  clock.advance(60_000);
  finish();
  await waited;
  limit.allow(500);
  clock.advance(390);
  expect(kinds()).toEqual([]);
  clock.advance(40);
  expect(kinds()).toEqual(['idle_timeout']);
});

test('a stopped one never gives up', () => {
  const { clock, limit, kinds } = limited();
  limit.stop();
  clock.advance(60_000);
  expect(kinds()).toEqual([]);
});
