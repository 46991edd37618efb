import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { Circuits, type CircuitChange, type Pass, type PassOutcome } from './circuits.ts';

const NAME = 'openai/gpt-4o';
const KEY = ['none'];
const OK: PassOutcome = { kind: 'ok' };
const FAILED: PassOutcome = { kind: 'failed', reason: 'unreachable' };
const NEUTRAL: PassOutcome = { kind: 'neutral' };
const REJECTED: PassOutcome = { kind: 'rejected_key', reason: 'auth' };
const limited = (retryAfterMs: number | null): PassOutcome => ({ kind: 'limited', retryAfterMs });

let clock: ManualClock;
let circuits: Circuits;
let changes: CircuitChange[];

beforeEach(() => {
  clock = new ManualClock();
  changes = [];
  circuits = new Circuits(clock, (change) => changes.push(change));
});

function enter(keys: readonly string[] = KEY): Pass {
  const pass = circuits.enter(NAME, keys);
  if (pass === null) throw new Error(`nobody may ask it: ${JSON.stringify(circuits.view(NAME, keys))}`);
  return pass;
}

function call(outcome: PassOutcome, times = 1, keys: readonly string[] = KEY): void {
  for (let made = 0; made < times; made++) enter(keys).settle(outcome);
}

function state(keys: readonly string[] = KEY): string {
  return circuits.view(NAME, keys).state;
}

describe('opening', () => {
  test('eight failures in a row, also after much health', () => {
    call(OK, 300);
    call(FAILED, 7);
    expect(circuits.view(NAME, KEY)).toEqual({ state: 'closed', reason: null, retry_in_ms: null });
    call(FAILED);
    const reason = '8 of the latest 8 calls failed (unreachable)';
    expect(circuits.view(NAME, KEY)).toEqual({ state: 'open', reason, retry_in_ms: 5000 });
    expect(circuits.enter(NAME, KEY)).toBe(null);
    expect(changes).toEqual([{ deployment: NAME, key: 'none', from: 'closed', to: 'open', reason, retry_in_ms: 5000 }]);
  });

  test('a share of failures that is surely above a fifth', () => {
    for (let round = 0; round < 4; round++) {
      call(OK);
      call(FAILED);
    }
    expect(state()).toBe('open');
    expect(changes[0]?.reason).toBe('4 of 8 calls in 30 s failed (the last: unreachable)');
  });

  test('not at a share of failures below it, however long', () => {
    for (let nth = 0; nth < 5000; nth++) {
      call(nth % 10 === 0 ? FAILED : OK);
      clock.advance(40);
    }
    expect(changes).toEqual([]);
  });

  test('not of failures that are further apart than half a minute', () => {
    for (let round = 0; round < 20; round++) {
      call(FAILED, 4);
      call(OK);
      clock.advance(30_000);
    }
    expect(changes).toEqual([]);
  });

  test('not of what a client did, or the vendor’s capacity', () => {
    call(NEUTRAL, 100);
    call(limited(null), 100);
    expect(state()).toBe('closed');
  });

  test('each call counts once', () => {
    const pass = enter();
    for (let told = 0; told < 20; told++) pass.settle(FAILED);
    expect(state()).toBe('closed');
  });
});

describe('half open', () => {
  beforeEach(() => {
    call(FAILED, 8);
    clock.advance(5000);
  });

  test('lets one request through, until it is known how it ended', () => {
    expect(state()).toBe('half_open');
    const probe = enter();
    expect(probe.isProbe).toBe(true);
    expect(circuits.enter(NAME, KEY)).toBe(null);
    expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'open', retry_in_ms: null });
    probe.settle(OK);
    expect(state()).toBe('closed');
    expect(enter().isProbe).toBe(false);
    expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'closed open',
      'open half_open',
      'half_open closed',
    ]);
  });

  test('what failed before it closed is forgotten', () => {
    call(OK);
    call(FAILED, 7);
    expect(state()).toBe('closed');
  });

  test('stays open longer with each probe that fails, up to 20 s, and begins anew once it was closed', () => {
    for (const openMs of [10_000, 20_000, 20_000]) {
      call(FAILED);
      expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'open', retry_in_ms: openMs });
      clock.advance(openMs);
    }
    expect(circuits.view(NAME, KEY).reason).toBe('its probe failed (unreachable), 3 in a row');
    call(OK);
    call(FAILED, 8);
    expect(circuits.view(NAME, KEY).retry_in_ms).toBe(5000);
  });

  test('a probe whose client went away gives its place to the next', () => {
    call(NEUTRAL);
    expect(state()).toBe('half_open');
    expect(enter().isProbe).toBe(true);
  });

  test('a probe that is never heard of again blocks nobody for ever', () => {
    const lost = enter();
    clock.advance(119_999);
    expect(circuits.enter(NAME, KEY)).toBe(null);
    clock.advance(1);
    const second = enter();
    // What the lost one says at last is as good a sign as any.
    lost.settle(OK);
    expect(state()).toBe('closed');
    second.settle(FAILED);
    expect(state()).toBe('closed');
  });

  test('being asked to wait is a sign of life', () => {
    call(limited(3000));
    expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'cooling', retry_in_ms: 3000 });
    clock.advance(3000);
    expect(enter().isProbe).toBe(false);
    expect(changes.slice(2).map(({ from, to }) => `${from} ${to}`)).toEqual([
      'half_open closed',
      'closed cooling',
      'cooling closed',
    ]);
  });
});

test('what began before the circuit opened or closed says nothing of now', () => {
  const [slow, slower] = [enter(), enter()];
  call(FAILED, 8);
  slow.settle(OK);
  expect(state()).toBe('open');
  clock.advance(5000);
  call(OK);
  call(FAILED, 7);
  slower.settle(FAILED);
  expect(state()).toBe('closed');
});

describe('cooling', () => {
  test('as long as the vendor asked, and five minutes at the most', () => {
    call(limited(2000));
    expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'cooling', retry_in_ms: 2000 });
    expect(circuits.enter(NAME, KEY)).toBe(null);
    clock.advance(2000);
    expect(state()).toBe('closed');
    call(limited(1e9));
    expect(circuits.view(NAME, KEY).retry_in_ms).toBe(300_000);
  });

  test.each([null, 0, -5, NaN])('not at all when it asked for %s', (retryAfterMs) => {
    call(limited(retryAfterMs));
    expect(state()).toBe('closed');
  });

  test('the longest of what was asked counts, also of one that is open', () => {
    const [one, other, third] = [enter(), enter(), enter()];
    one.settle(limited(4000));
    other.settle(limited(1000));
    expect(circuits.view(NAME, KEY).retry_in_ms).toBe(4000);
    clock.advance(4000);
    call(FAILED, 8);
    third.settle(limited(9000));
    expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'open', retry_in_ms: 9000 });
    clock.advance(5000);
    expect(circuits.view(NAME, KEY)).toMatchObject({ state: 'cooling', retry_in_ms: 4000 });
  });
});

describe('several keys', () => {
  const KEYS = ['[secret:aaaaaaaa]', '[secret:bbbbbbbb]'];

  test('the first that may be used', () => {
    expect(enter(KEYS).keyIndex).toBe(0);
    call(limited(60_000), 1, KEYS);
    expect(state(KEYS)).toBe('closed');
    expect(enter(KEYS).keyIndex).toBe(1);
    call(limited(20_000), 1, KEYS);
    expect(circuits.view(NAME, KEYS)).toMatchObject({ state: 'cooling', retry_in_ms: 20_000 });
    expect(circuits.enter(NAME, KEYS)).toBe(null);
  });

  test('one that was rejected stands behind the others for a minute', () => {
    call(REJECTED, 1, KEYS);
    expect(enter(KEYS).keyIndex).toBe(1);
    call(limited(90_000), 1, KEYS);
    // It is the only one now.
    expect(enter(KEYS).keyIndex).toBe(0);
    clock.advance(60_000);
    expect(enter(KEYS).keyIndex).toBe(0);
  });

  test('a rejected key is asked when it is the only one, until its circuit opens', () => {
    call(REJECTED, 8);
    expect(circuits.view(NAME, KEY)).toMatchObject({
      state: 'open',
      reason: '8 of the latest 8 calls failed (auth)',
    });
  });

  test('half open is better than waiting', () => {
    call(FAILED, 8, KEYS);
    expect(enter(KEYS).keyIndex).toBe(1);
    call(limited(60_000), 1, KEYS);
    expect(state(KEYS)).toBe('open');
    clock.advance(5000);
    expect(state(KEYS)).toBe('half_open');
    expect(enter(KEYS)).toMatchObject({ keyIndex: 0, isProbe: true });
  });
});

describe('all of them', () => {
  test('are listed, and closed on demand', () => {
    call(FAILED, 8);
    circuits.enter('google/gemini', ['[secret:cccccccc]'])?.settle(limited(2000));
    expect(circuits.list()).toMatchObject([
      { deployment: NAME, key: 'none', state: 'open', retry_in_ms: 5000 },
      { deployment: 'google/gemini', key: '[secret:cccccccc]', state: 'cooling' },
    ]);
    circuits.reset(NAME);
    expect(circuits.list().map(({ state }) => state)).toEqual(['closed', 'cooling']);
    circuits.reset(null);
    expect(circuits.list().map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(changes.filter(({ reason }) => reason === 'reset').map(({ from, to }) => `${from} ${to}`)).toEqual([
      'open closed',
      'cooling closed',
    ]);
    call(FAILED, 7);
    expect(state()).toBe('closed');
  });

  test('are forgotten when nobody asked for ten minutes', () => {
    call(OK);
    circuits.enter('gone/model', KEY)?.settle(OK);
    clock.advance(300_000);
    call(OK);
    clock.advance(300_000);
    expect(circuits.list().map(({ deployment }) => deployment)).toEqual([NAME]);
  });

  test('one that was never asked may be asked', () => {
    expect(state()).toBe('closed');
    expect(circuits.list()).toEqual([]);
  });
});

test('a request is let through exactly when the view says so, and probes come one by one', () => {
  const outcome = fc.constantFrom(OK, FAILED, FAILED, FAILED, NEUTRAL, REJECTED, limited(3000), limited(null));
  const step = fc.record({ waitMs: fc.constantFrom(0, 0, 0, 100, 5000), opens: fc.nat(3), outcome });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 2 }), (steps, keyCount) => {
      const clock = new ManualClock();
      const told: CircuitChange[] = [];
      const circuits = new Circuits(clock, (change) => told.push(change));
      const keys = ['a', 'b'].slice(0, keyCount);
      const under: { readonly pass: Pass; readonly sinceMs: number }[] = [];
      for (const { waitMs, opens, outcome } of steps) {
        clock.advance(waitMs);
        for (let tried = 0; tried < opens; tried++) {
          const { state, retry_in_ms } = circuits.view(NAME, keys);
          const pass = circuits.enter(NAME, keys);
          expect(pass !== null).toBe(state === 'closed' || state === 'half_open');
          if (pass !== null) expect(retry_in_ms).toBe(null);
          if (pass !== null) under.push({ pass, sinceMs: clock.now() });
        }
        for (const index of keys.keys()) {
          const isProbing = ({ pass, sinceMs }: (typeof under)[number]): boolean =>
            pass.isProbe && pass.keyIndex === index && clock.now() - sinceMs < 120_000;
          expect(under.filter(isProbing).length).toBeLessThanOrEqual(1);
        }
        under.shift()?.pass.settle(outcome);
      }
      for (const { from, to } of told) expect(from).not.toBe(to);
    }),
  );
});
