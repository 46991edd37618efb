import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../core/json.ts';
import { FEATURES, featuresOf } from './features.ts';

function named(signals: JsonObject): Readonly<Record<string, number | null>> {
  const values = featuresOf(signals);
  return Object.fromEntries(FEATURES.map(({ name }, index) => [name, values[index] ?? null]));
}

test('there are at most eight, each of its own name', () => {
  expect(FEATURES.length).toBeLessThanOrEqual(8);
  expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length);
});

describe('featuresOf', () => {
  test('a missing signal is missing, and not 0', () => {
    expect(featuresOf({})).toEqual(FEATURES.map(() => null));
    expect(featuresOf({ parse_level: null, agreement: 'yes', mean_logprob: null })).toEqual(FEATURES.map(() => null));
  });

  test('reads each signal', () => {
    const values = named({
      parse_level: 3,
      finish: 'length',
      retries: 1,
      validators_flagged: 1,
      mean_logprob: 0,
      min_window_logprob: Math.log(0.5),
      grounding_coverage: 1,
      agreement: 0.5,
      length_z: -1.5,
      hook: 0,
    });
    const rounded = Object.entries(values).map(([name, value]) => [name, Number(value?.toFixed(6))]);
    expect(Object.fromEntries(rounded)).toEqual({
      parse: 1,
      cut: 1,
      trouble: 0.666667,
      likelihood: 0.5,
      grounding: 1,
      agreement: 0,
      length: 0.5,
      hook: -1,
    });
  });

  test('signals out of their range count as its end', () => {
    expect(named({ retries: 40, hook: 7, length_z: -90 })).toMatchObject({ trouble: 1, hook: 1, length: 1 });
  });
});
