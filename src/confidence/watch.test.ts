import { describe, expect, test } from 'vitest';

import { seededDraws } from './seeded-draws.ts';
import { isAlarmed, NEW_WATCH, watched, type WatchState } from './watch.ts';

const RISK = 0.05;

/** Labels until the alarm, at most `most`; `null`: it never came. */
function labelsUntilAlarm(wrongShare: number, most: number, draw: () => number, from = NEW_WATCH): number | null {
  let state = from;
  for (let n = 1; n <= most; n++) {
    state = watched(state, draw() < wrongShare, RISK);
    if (isAlarmed(state)) return n;
  }
  return null;
}

function afterCalm(n: number, wrongShare: number, draw: () => number): WatchState {
  let state = NEW_WATCH;
  for (let seen = 0; seen < n; seen++) state = watched(state, draw() < wrongShare, RISK);
  return state;
}

describe('the watch', () => {
  test('looked at after each of 2,000 labels, at most one in twenty that keeps the bound is suspended', () => {
    const alarms = Array.from({ length: 400 }, (_, seed) => labelsUntilAlarm(RISK, 2000, seededDraws(seed + 1)));
    // 28 is what 5 % of 400 exceed 1 time in 20.
    expect(alarms.filter((alarm) => alarm !== null).length).toBeLessThanOrEqual(28);
  });

  test.each([
    ['at once', 0],
    ['after 1,000 good ones', 1000],
  ])('four times as much wrong as allowed shows within 160 labels in 95 of 100, %s', (_when, calm) => {
    const runs = Array.from({ length: 200 }, (_, seed) => {
      const draw = seededDraws(seed + 1);
      return labelsUntilAlarm(4 * RISK, 160, draw, afterCalm(calm, 0.02, draw));
    });
    expect(runs.filter((run) => run !== null).length).toBeGreaterThanOrEqual(190);
  });

  test('counts what it has seen', () => {
    expect(watched(watched(NEW_WATCH, true, RISK), false, RISK)).toMatchObject({ n: 2, errors: 1 });
  });

  test('a bet never loses everything', () => {
    let state: WatchState = NEW_WATCH;
    for (let n = 0; n < 40; n++) state = watched(state, true, RISK);
    expect(watched(state, false, RISK).wealth).toBeGreaterThan(0);
  });
});
