import { expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { regex } from './regex.ts';

const validator = regex();

function check(text: string, options: JsonValue): Verdict {
  return validator.check(subjectOf({ text }), options) as Verdict;
}

test.each<[string, JsonValue, Verdict['outcome']]>([
  ['INV-118', '^INV-\\d+$', 'pass'],
  ['118', '^INV-\\d+$', 'fail'],
  ['INV-118 paid', { must: ['INV', 'paid'] }, 'pass'],
  ['INV-118', { must: ['INV', 'paid'] }, 'fail'],
  ['INV-118', { must: 'INV', must_not: ['draft', '(?i)todo'] }, 'pass'],
])('%j by %j: %s', (text, options, outcome) => {
  expect(check(text, options).outcome).toBe(outcome);
});

test('a match that must not be is told with its place', () => {
  expect(check('🎉 Done. ToDo: more', { must_not: ['draft', '(?i)todo'] })).toEqual({
    validator: 'regex',
    outcome: 'fail',
    reason: 'it matches `(?i)todo`',
    place: 'text:9-13',
    evidence: ['ToDo'],
  });
});

test('an answer without a text is not judged', () => {
  const toolCalls = [{ id: 'c', name: 'f', arguments: '{}' }];
  expect(validator.check(subjectOf({ text: null, toolCalls }), 'a')).toMatchObject({ outcome: 'abstain' });
});

test('a pattern that would backtrack for ever is judged at once', () => {
  expect(check(`${'a'.repeat(4000)}!`, '^(a+)+$').outcome).toBe('fail');
});

test.each<[JsonValue, RegExp]>([
  ['(', /missing|parenthes/i],
  ['(?=a)', /cannot be checked in linear time/],
  [null, /takes a pattern/],
  [{}, /takes a pattern/],
  [{ must: [] }, /takes a pattern/],
  [{ must: [1] }, /takes a pattern/],
  [{ mustnot: 'a' }, /there is no `mustnot`/],
  [`(?:a{900}){4}`, /instructions|linear time|repe/],
])('options %j are refused', (options, problem) => {
  expect(validator.checkOptions(options)).toMatch(problem);
});
