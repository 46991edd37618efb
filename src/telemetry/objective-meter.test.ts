import { describe, expect, test } from 'vitest';

import { failedObservation, observation } from '../../test/support/observation.ts';
import { FAST_HALF_LIFE_MS, SLOW_HALF_LIFE_MS } from './decay.ts';
import { judgeObjective } from './judge-objective.ts';
import { isMissOf, ObjectiveMeter, type ObjectiveTurn } from './objective-meter.ts';

const TTFT = { name: 'ttft_p95', limit: 2000 } as const;
const TOKENS = { name: 'tokens_per_second', limit: 30 } as const;
const ERRORS = { name: 'error_rate', limit: 0.02 } as const;
const VALID = { name: 'valid_rate', limit: 0.98 } as const;
const COST = { name: 'cost_per_request', limit: 5 } as const;

test.each([
  [TTFT, observation({ ttftMs: 2000 }), false],
  [TTFT, observation({ ttftMs: 2001 }), true],
  [TTFT, failedObservation('first_token_timeout', { waitedMs: 6000 }), true],
  [TTFT, failedObservation('client_closed', { waitedMs: 1999, outcome: 'neutral' }), null],
  [TTFT, failedObservation('overloaded'), null],
  [TTFT, observation({ ttftMs: null, wholeMs: { earliest: 2001, latest: 9000 } }), true],
  [TTFT, observation({ ttftMs: null, wholeMs: { earliest: 0, latest: 2000 } }), false],
  [TTFT, observation({ ttftMs: null, wholeMs: { earliest: 1999, latest: 2001 } }), null],
  [TOKENS, observation({ tokensPerSecond: 30 }), false],
  [TOKENS, observation({ tokensPerSecond: 29.9 }), true],
  [TOKENS, observation({ tokensPerSecond: null }), null],
  [ERRORS, observation(), false],
  [ERRORS, observation({ outcome: 'invalid' }), false],
  [ERRORS, observation({ outcome: 'refused' }), false],
  [ERRORS, failedObservation('reset'), true],
  [ERRORS, failedObservation('rate_limited', { outcome: 'limited' }), null],
  [ERRORS, failedObservation('client_closed', { outcome: 'neutral' }), null],
  [VALID, observation({ valid: true }), false],
  [VALID, observation({ valid: false }), true],
  [VALID, observation({ valid: null }), null],
  [COST, observation(), null],
])('%o, observation %#', (objective, observed, isMiss) => {
  expect(isMissOf(objective, observed)).toBe(isMiss);
});

/** Records hits and misses; says after how many of them the objective turned. */
function fill(meter: ObjectiveMeter, misses: readonly boolean[], nowMs: number): [ObjectiveTurn, number] | null {
  for (const [index, isMiss] of misses.entries()) {
    const turn = meter.record(isMiss, nowMs);
    if (turn === null) continue;
    expect(judgeObjective(meter.evidence(undefined, nowMs)).met).toBe(turn === 'met');
    meter.turn();
    return [turn, index + 1];
  }
  return null;
}

const many = (count: number, isMiss: boolean): boolean[] => Array.from({ length: count }, () => isMiss);

describe('a meter', () => {
  test('forgets what came before a sudden change', () => {
    const meter = new ObjectiveMeter(TTFT, 0);
    expect(fill(meter, many(300, false), 0)).toBeNull();
    expect(fill(meter, many(10, true), 1000)).toEqual(['missed', 4]);
    expect(meter.evidence(undefined, 1000)).toMatchObject({ value: 1, n: 4, misses: 4, cusum: 0, was_missed: true });
  });

  test('remembers what came before a slow one', () => {
    const meter = new ObjectiveMeter(TTFT, 0);
    const oneInTen = Array.from({ length: 400 }, (_, index) => index % 10 === 9);
    const [turn, count] = fill(meter, oneInTen, 0) ?? [];
    expect(turn).toBe('missed');
    expect(count).toBeGreaterThan(30);
    expect(meter.evidence(undefined, 0).n).toBe(count);
  });

  test('comes back after twelve good ones, and counts from these on', () => {
    const meter = new ObjectiveMeter(TTFT, 0);
    fill(meter, many(4, true), 0);
    expect(fill(meter, [...many(11, false), true, ...many(11, false)], 1000)).toBeNull();
    expect(meter.evidence(undefined, 1000)).toMatchObject({ was_missed: true, trial: { n: 11, misses: 0 } });
    expect(fill(meter, [false], 1000)).toEqual(['met', 1]);
    expect(meter.evidence(undefined, 1000)).toMatchObject({ value: 0, n: 12, misses: 0, was_missed: false });
  });

  test('lets a trial have as many misses as are allowed', () => {
    const meter = new ObjectiveMeter(TOKENS, 0);
    fill(meter, many(12, true), 0);
    expect(fill(meter, [...many(6, true), ...many(6, false)], 0)).toEqual(['met', 12]);
    fill(meter, many(12, true), 0);
    expect(fill(meter, [...many(7, true), ...many(11, false)], 0)).toBeNull();
    expect(fill(meter, [false], 0)).toEqual(['met', 1]);
  });

  test.each([
    [TTFT, FAST_HALF_LIFE_MS],
    [VALID, SLOW_HALF_LIFE_MS],
  ])('of %o has half its counts after %d ms, and the trial whole', (objective, halfLifeMs) => {
    const meter = new ObjectiveMeter(objective, 0);
    fill(meter, many(40, true), 0);
    meter.record(false, 0);
    const before = meter.evidence(undefined, 0);
    const after = meter.evidence(undefined, halfLifeMs);
    expect(after.n).toBeCloseTo(before.n / 2, 2);
    expect(after).toMatchObject({ was_missed: true, trial: { n: 1, misses: 0 }, value: before.value });
  });
});
