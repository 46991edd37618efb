import { describe, expect, test } from 'vitest';

import type { JsonValue } from '../core/json.ts';
import type { Validation, VerdictOutcome } from '../core/record.ts';
import { pairedScores, type ComparedAnswer, type ScoringTerms } from './paired-scores.ts';
import { isSameValue } from './same-value.ts';

const NOTHING: ScoringTerms = { validators: [], expected: undefined };

function answer(text: string | null, more: Partial<ComparedAnswer> = {}): ComparedAnswer {
  return { text, toolCalls: [], hasRefused: false, validation: { status: 'none', verdicts: [] }, ...more };
}

function checked(status: Validation['status'], validator = 'citations', outcome: VerdictOutcome = 'pass'): Validation {
  return { status, verdicts: [{ validator, outcome, reason: null }] };
}

describe('the same value', () => {
  test.each([
    ['$1,200.50', '1200.5'],
    ['“Yes.”', 'yes'],
    ['  New\n York', 'new york'],
    ['12 %', '12%'],
    ['3 EUR', '€3'],
    ['−4', -4],
    [240, '240.00 EUR'],
    ['ﬁne', 'FINE'],
  ])('%j is %j', (one, other) => {
    expect([isSameValue(one, other), isSameValue(other, one)]).toEqual([true, true]);
  });

  test.each([
    ['3 EUR', '3 USD'],
    ['1200', '1201'],
    ['1,20', '120'],
    ['true', true],
    ['', null],
    ['9007199254740993', '9007199254740992'],
    ['not guilty', 'guilty'],
  ])('%j is not %j', (one, other) => {
    expect([isSameValue(one, other), isSameValue(other, one)]).toEqual([false, false]);
  });
});

describe('agreement', () => {
  const agreement = (from: ComparedAnswer, to: ComparedAnswer): number | null =>
    pairedScores(from, to, NOTHING).agreement;

  test('is the share of equal leaves of JSON, wherever they stand', () => {
    const from = answer('{"number":"118","lines":[{"net":240.0},{"net":10}],"tags":[]}');
    expect(agreement(from, answer('{"tags":[],"lines":[{"net":"240"},{"net":11}],"number":118}'))).toBe(0.75);
    expect(agreement(from, from)).toBe(1);
    expect(agreement(from, answer('{"number":"118","lines":[{"net":240}]}'))).toBe(0.5);
    expect(agreement(from, answer('The number is 118.'))).toBe(0);
    expect(agreement(answer('{"a/b":1}'), answer('{"a":{"b":1}}'))).toBe(0);
  });

  test('is all or nothing for short texts, and unknown for prose', () => {
    expect(agreement(answer('Guilty.'), answer('guilty'))).toBe(1);
    expect(agreement(answer('Guilty.'), answer('Not guilty.'))).toBe(0);
    expect(agreement(answer('Guilty.'), answer('x '.repeat(101)))).toBeNull();
  });

  test('goes by name and arguments of tool calls', () => {
    const call = (place: string): ComparedAnswer =>
      answer(null, { toolCalls: [{ name: 'book', arguments: `{"place": "${place}", "seats": 2}` }] });
    expect(agreement(call('Rome'), call('rome'))).toBe(1);
    expect(agreement(call('Rome'), call('Oslo'))).toBeCloseTo(2 / 3);
    expect(agreement(call('Rome'), answer('I book it.'))).toBe(0);
  });

  test('cannot be told of two refusals, and is none where one refuses', () => {
    const refusal = answer('I cannot help with that.', { hasRefused: true });
    expect([agreement(refusal, refusal), agreement(answer('Yes'), refusal)]).toEqual([null, 0]);
  });
});

describe('what a certificate goes by', () => {
  const named = (from: ComparedAnswer, to: ComparedAnswer, terms: ScoringTerms): Record<string, unknown> =>
    Object.fromEntries(pairedScores(from, to, terms).scores.map((score) => [score.metric, [score.from, score.to]]));

  test('is agreement where nothing else says whether the task was done', () => {
    expect(named(answer('a'), answer('b'), NOTHING)).toEqual({ refusal: [1, 1], agreement: [1, 0] });
    const passed = answer('a', { validation: checked('repaired', 'json_schema') });
    expect(named(passed, passed, { validators: ['json_schema'], expected: undefined })).toEqual({
      refusal: [1, 1],
      valid: [1, 1],
      agreement: [1, 1],
    });
  });

  test('is grounding where the route checks it; what was not checked is unknown', () => {
    const terms: ScoringTerms = { validators: ['refusal', 'citations'], expected: undefined };
    const passed = answer('a', { validation: checked('passed') });
    const invented = answer('b', { validation: checked('failed', 'citations', 'fail') });
    const unsure = answer('c', { validation: checked('unverified', 'citations', 'abstain') });
    expect(named(passed, invented, terms)).toEqual({ refusal: [1, 1], valid: [1, 0], grounded: [1, 0] });
    expect(named(passed, unsure, terms)).toEqual({ refusal: [1, 1], valid: [1, null], grounded: [1, null] });
  });

  test('is what was expected where somebody has said that, labelled as such', () => {
    const score = (expected: JsonValue, text: string): unknown => {
      const { scores } = pairedScores(answer('—'), answer(text), { validators: [], expected });
      expect(scores.map(({ metric }) => metric)).toEqual(['refusal', 'score']);
      const [, last] = scores;
      return [last?.source, last?.to];
    };
    expect(score(240, '240.00 EUR')).toEqual(['label', 1]);
    expect(score('Guilty', 'guilty.')).toEqual(['label', 1]);
    expect(score({ b: 1, a: [2] }, '{"a":[2.0],"b":1}')).toEqual(['label', 1]);
    expect(score({ a: [2], b: 1 }, '{"a":[2]}')).toEqual(['label', 0]);
  });
});
