import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { assert } from './assert.ts';

const validator = assert();
const INVOICE = JSON.stringify({
  total: 240,
  tax: 0.3,
  parts: [0.1, 0.2],
  lines: [{ amount: 100 }, { amount: 140 }],
  date: '2026-11-22',
  by: null,
});

function check(text: string, options: JsonValue): Verdict {
  const request = {
    messages: [
      { role: 'system', content: 'Rates: 19 %' },
      { role: 'user', content: 'Invoice 118' },
    ],
    temperature: 0.5,
  };
  return validator.check(subjectOf({ text }, request), options) as Verdict;
}

describe('an expression over JSON', () => {
  test.each([
    'output.total == 240',
    'output.total + 1 == 241 && 2 * output.total == 480 && output.total / 2 == 120',
    'output.total == sum(output.lines.map(l, l.amount))',
    'sum(output.parts) == output.tax',
    'near(output.total * 1.19, 285.6, 0.01)',
    'output.lines.all(l, l.amount > 0) && size(output.lines) == 2',
    'timestamp(output.date + "T00:00:00Z") < timestamp("2027-01-01T00:00:00Z")',
    'output.by == null && !has(output.paid)',
    'output["total"] in [240, 250]',
    're2(output.date, "^\\\\d{4}-\\\\d{2}")',
    'input.contains("118") && context.contains("19 %") && request.temperature == 0.5',
  ])('%s holds', (expression) => {
    expect(check(INVOICE, expression)).toEqual({ validator: 'assert', outcome: 'pass', reason: null });
  });

  test('that is not true fails, with the reason given or itself', () => {
    const options = ['output.total > 0', { that: 'output.total == 250', because: 'the total is wrong' }];
    expect(check(INVOICE, options)).toMatchObject({ outcome: 'fail', reason: 'the total is wrong' });
    expect(check(INVOICE, 'output.total == 250').reason).toBe('`output.total == 250` is not true');
  });

  test.each([
    ['output.paid == 1', 'no such key at `paid`'],
    ['output.date > 3', 'no such overload at `output.date > 3`'],
    ['output.lines[7].amount == 1', 'index out of bounds at `output.lines[7]`'],
    ['output.date', '`output.date` is neither true nor false'],
    ['sum(output.lines) == 1', 'what is to be reckoned with is no number'],
    ['request.seed == 1', 'no such key at `seed`'],
  ])('%s has no answer: %s', (expression, reason) => {
    expect(check(INVOICE, expression)).toMatchObject({ outcome: 'abstain', reason });
  });

  test('that is undecided does not hide one that fails', () => {
    expect(check(INVOICE, ['output.paid == 1', 'output.total == 1']).outcome).toBe('fail');
    expect(check(INVOICE, ['output.paid == 1', 'output.total == 240']).outcome).toBe('abstain');
  });

  test('reads JSON out of a fence, and abstains where there is none', () => {
    expect(check('```json\n{"total": 1}\n```', 'output.total == 1').outcome).toBe('pass');
    expect(check('Sure!', 'output.total == 1')).toMatchObject({
      outcome: 'abstain',
      reason: 'the answer is not JSON: it holds none',
    });
  });

  test('cannot reach what every object inherits', () => {
    expect(check(INVOICE, 'has(output.constructor) || has(output.__proto__)').outcome).toBe('fail');
  });
});

test.each([
  ['output == "yes"', 'yes', 'pass'],
  ['output.startsWith("Dear") && size(output) < 100', 'Dear Ada', 'pass'],
  ['output in ["yes", "no"]', 'perhaps', 'fail'],
  ['size(output) < 4', '{"a":1}', 'fail'],
])('%s of the text %j: %s', (expression, text, outcome) => {
  expect(check(text, expression).outcome).toBe(outcome);
});

test('an expression that takes too long is given up', () => {
  const long = JSON.stringify({ a: Array.from({ length: 3000 }, (_, index) => index) });
  const startedAt = performance.now();
  const verdict = check(long, 'output.a.all(x, output.a.all(y, output.a.all(z, x + y + z >= 0)))');
  expect(verdict).toMatchObject({ outcome: 'abstain', reason: expect.stringContaining('longer than 50 ms') as string });
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

test.each<[JsonValue, RegExp]>([
  ['output.total ==', /unexpected token/],
  ['total == 1', /unknown variable: total/],
  ['"text"', /is of type string/],
  ['output.matches("a")', /re2\(output, "pattern"\)/],
  ['re2(output, input)', /must be written out/],
  ['re2(output, "(?=a)")', /linear time/],
  [[], /takes an expression/],
  [{ because: 'x' }, /takes an expression/],
  [{ that: 'true', why: 'x' }, /takes an expression/],
  [null, /takes an expression/],
])('options %j are refused', (options, problem) => {
  expect(validator.checkOptions(options)).toMatch(problem);
});
