import { describe, expect, test } from 'vitest';

import { candidateInputs } from '../../../test/support/decision-inputs.ts';
import type { DecisionInputs } from '../../core/decision.ts';
import type { JsonObject } from '../../core/json.ts';
import { readDecision } from './read-decision.ts';

const INPUTS: DecisionInputs = {
  pick: 'ordered',
  objective_policy: 'best_effort',
  fallback: 'off',
  draw: 0.5,
  candidates: [candidateInputs('a/m')],
};
const WHOLE = INPUTS as unknown as JsonObject;

function recordWith(given: JsonObject): JsonObject {
  return { decision: { inputs: given, order: ['a/m'], usual: 'a/m', rules: [] } };
}

test('a decision is read as it was recorded', () => {
  expect(readDecision(recordWith(WHOLE))).toEqual({ inputs: WHOLE, order: ['a/m'], usual: 'a/m', rules: [] });
});

describe('a record that lacks something a decision reads is of another version', () => {
  const [first] = WHOLE['candidates'] as readonly JsonObject[];
  test.each(Object.keys(first ?? {}))('%s of a candidate', (member) => {
    const others = Object.entries(first ?? {}).filter(([name]) => name !== member);
    expect(readDecision(recordWith({ ...WHOLE, candidates: [Object.fromEntries(others)] }))).toBeNull();
  });

  test.each(Object.keys(WHOLE))('%s', (member) => {
    const others = Object.entries(WHOLE).filter(([name]) => name !== member);
    expect(readDecision(recordWith(Object.fromEntries(others)))).toBeNull();
  });
});
