import { beforeAll, describe, expect, test } from 'vitest';

import type { GenerationRecord } from '../src/core/record.ts';
import { flawsOf, type Answered } from './support/random-faults/flaws-of-answer.ts';
import { runSchedules } from './support/random-faults/run-schedules.ts';

/** The thousands are in test/full. */
const SCHEDULES = 80;

describe('random requests that meet random faults', () => {
  let flaws: readonly string[];
  const answers: Answered[] = [];
  beforeAll(async () => {
    flaws = await runSchedules(SCHEDULES, 20262, (answered) => answers.push(answered));
  }, 120_000);

  test('are answered, recorded and settled without a contradiction', () => {
    expect(flaws).toEqual([]);
    const kinds = new Set(answers.flatMap(({ record }) => record.attempts.map(({ kind }) => kind)));
    expect(kinds.size).toBeGreaterThan(10);
    expect(answers.some(({ record }) => record.fallback !== null)).toBe(true);
  });

  const alterations: readonly [string, (record: GenerationRecord) => Partial<GenerationRecord>][] = [
    ['its cost is unknown', () => ({ cost: null })],
    ['its cost is another', ({ cost }) => ({ cost: (cost ?? 0) + 1 })],
    ['its attempts are fewer', () => ({ attempts: [] })],
    [
      'its attempt is called a retry',
      ({ attempts }) => ({ attempts: attempts.map((each) => ({ ...each, why: 'retry' })) }),
    ],
    [
      'its attempt was excluded',
      ({ candidates }) => ({ candidates: candidates.map((each) => ({ ...each, verdict: 'excluded' })) }),
    ],
    ['it was served by somebody else', () => ({ served_by: 'three/other' })],
    ['it is a fallback', () => ({ fallback: { reason: 'circuit_open', certificate: null } })],
    ['it is degraded', () => ({ degraded: { reason: 'uncertified' } })],
    ['nothing was decided', () => ({ decision: null })],
    ['its order is another', ({ decision }) => ({ decision: decision && { ...decision, order: [] } })],
  ];
  test.each(alterations)('would be seen to contradict themselves, if a record said that %s', (_what, alter) => {
    const plain = answers.find(({ record: { attempts, cost, fallback, degraded } }) => {
      return attempts.length === 1 && cost !== null && cost > 0 && fallback === null && degraded === null;
    }) as Answered;
    expect(flawsOf(plain)).toEqual([]);
    expect(flawsOf({ ...plain, record: { ...plain.record, ...alter(plain.record) } })).not.toEqual([]);
  });
});
