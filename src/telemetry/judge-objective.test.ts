import { describe, expect, test } from 'vitest';

import type { ObjectiveEvidence } from '../core/objective.ts';
import { randomFrom } from '../simulator/random.ts';
import { detectorSteps, isAlarmed, judgeObjective } from './judge-objective.ts';

function evidence(but: Partial<ObjectiveEvidence>): ObjectiveEvidence {
  const none = { value: null, n: 0, misses: 0, cusum: 0, was_missed: false, trial: { n: 0, misses: 0 } };
  return { name: 'ttft_p95', limit: 2000, ...none, ...but };
}

test.each<[string, Partial<ObjectiveEvidence>, boolean | null, string]>([
  ['nothing is known', {}, null, '0 of the 8 answers needed to judge it have come'],
  ['a few slow answers decide nothing', { n: 7.9, misses: 2 }, null, '7 of the 8 answers needed to judge it have come'],
  [
    'one slow answer of eight may be chance',
    { n: 8, misses: 1 },
    true,
    '1 of 8 answers took longer than 2000 ms to begin: not surely more than 5 %',
  ],
  [
    'two of eight are none',
    { n: 8, misses: 2 },
    false,
    '2 of 8 answers took longer than 2000 ms to begin: surely more than 5 %',
  ],
  [
    'more than 5 %, not surely',
    { n: 200, misses: 14 },
    true,
    '14 of 200 answers took longer than 2000 ms to begin: not surely more than 5 %',
  ],
  [
    'more than 5 %, surely',
    { n: 200, misses: 18 },
    false,
    '18 of 200 answers took longer than 2000 ms to begin: surely more than 5 %',
  ],
  [
    'the fast detector does not wait for eight',
    { n: 4, misses: 4, cusum: 7.2 },
    false,
    '4 of the latest 4 answers took longer than 2000 ms to begin: a sudden change',
  ],
  [
    'missed before: eleven good answers do not do',
    { n: 30, was_missed: true, trial: { n: 11, misses: 0 } },
    false,
    'it was missed, and 12 answers must show that it is met again: 0 of the 11 answers since then took longer than 2000 ms to begin',
  ],
  [
    'missed before: twelve do',
    { n: 30, was_missed: true, trial: { n: 12, misses: 0 } },
    true,
    'it was missed, and is met again: 0 of the 12 answers since then took longer than 2000 ms to begin',
  ],
  [
    'missed before: not with one slow among them',
    { n: 30, was_missed: true, trial: { n: 12, misses: 1 } },
    false,
    'it was missed, and 12 answers must show that it is met again: 1 of the 12 answers since then took longer than 2000 ms to begin',
  ],
  [
    'tokens: every second stream may be slower',
    { name: 'tokens_per_second', limit: 30, n: 20, misses: 12 },
    true,
    '12 of 20 answers came slower than 30 tokens a second: not surely more than 50 %',
  ],
  [
    'tokens: most streams are slower',
    { name: 'tokens_per_second', limit: 30, n: 20, misses: 15 },
    false,
    '15 of 20 answers came slower than 30 tokens a second: surely more than 50 %',
  ],
  [
    'errors: the limit is the allowed share',
    { name: 'error_rate', limit: 0.02, n: 100, misses: 6 },
    false,
    '6 of 100 answers failed: surely more than 2 %',
  ],
  [
    'validity is not judged by 19',
    { name: 'valid_rate', limit: 0.98, n: 19, misses: 9 },
    null,
    '19 of the 20 answers needed to judge it have come',
  ],
  [
    'validity by 20',
    { name: 'valid_rate', limit: 0.9, n: 20, misses: 9 },
    false,
    '9 of 20 answers were not valid: surely more than 10 %',
  ],
  [
    'all must be valid: one that is not is too many',
    { name: 'valid_rate', limit: 1, n: 40, misses: 1 },
    false,
    '1 of 40 answers were not valid: surely more than 0 %',
  ],
  [
    'cost is not measured',
    { name: 'cost_per_request', limit: 5_000_000 },
    null,
    'it is reckoned from the price in force, not measured',
  ],
])('%s', (_title, but, met, reason) => {
  const given = evidence(but);
  expect(judgeObjective(given)).toEqual({ name: given.name, limit: given.limit, value: null, n: given.n, met, reason });
});

describe('the fast detector', () => {
  /** How many observations of the pattern it takes, from nothing; `null`: more than it has. */
  function alarmAfter(
    share: { name: ObjectiveEvidence['name']; limit: number },
    pattern: Iterable<boolean>,
  ): number | null {
    const steps = detectorSteps(share.name, share.limit);
    let cusum = 0;
    let count = 0;
    for (const isMiss of pattern) {
      count++;
      cusum = Math.max(0, cusum + (isMiss ? steps.miss : steps.hit));
      if (isAlarmed({ cusum })) return count;
    }
    return null;
  }

  const misses = Array.from({ length: 20 }, () => true);

  test.each([
    ['ttft_p95', 2000, 4],
    ['tokens_per_second', 30, 18],
    ['error_rate', 0.02, 3],
    ['valid_rate', 0.98, 3],
  ] as const)('%s %d: sure after %d misses in a row', (name, limit, count) => {
    expect(alarmAfter({ name, limit }, misses)).toBe(count);
  });

  test.each([0.95, 1])('is never sure where %d may fail', (limit) => {
    expect(alarmAfter({ name: 'error_rate', limit }, misses)).toBeNull();
  });

  test('is wrong less than once in 5,000 observations where as many miss as may', () => {
    const random = randomFrom('false alarms');
    function* drawn(): Generator<boolean> {
      for (;;) yield random.next() < 0.05;
    }
    const runs = Array.from({ length: 60 }, () => alarmAfter({ name: 'ttft_p95', limit: 1 }, drawn()) ?? 0);
    expect(runs.reduce((sum, run) => sum + run, 0) / runs.length).toBeGreaterThan(5000);
  });
});
