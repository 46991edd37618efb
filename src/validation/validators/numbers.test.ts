import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { GroundingThread } from '../grounding/grounding-thread.ts';
import { numbers } from './numbers.ts';

const validator = numbers(new GroundingThread());

function check(text: string, context: JsonValue, options: JsonValue = null): Verdict {
  return validator.check(subjectOf({ text }, { messages: [{ role: 'user', content: context }] }), options) as Verdict;
}

function unsupported(text: string, context: JsonValue, options: JsonValue = null): readonly string[] {
  return ((check(text, context, options).evidence ?? []) as readonly JsonObject[]).map(
    (fact) => fact['text'] as string,
  );
}

const REPORT = `Sales grew from 1.234,50 EUR in 2019 to $3.2 million in 2021, which is 12.5 percent. On 5 March 2024 at 14:30 Ana Duarte spoke in Lisbon for the European Union.
Three parties signed, with 30 days of notice. The town has 3,214,000 people. It used GPT-4 for the second draft.

Rent is 120 EUR, heating 80 EUR.`;

describe('numbers', () => {
  test.each([
    ['EUR 1,234.50', []],
    ['1234.5 euros', []],
    ['1,234.50 USD', ['1,234.50']],
    ['USD 3,200,000', []],
    ['3.2 million', []],
    ['3.3 million', ['3.3 million']],
    ['12.5 %', []],
    ['12.5 days', ['12.5']],
    ['21.5 %', ['21.5']],
    ['3 parties', []],
    ['the 2nd draft', []],
    ['the 4th draft', ['4th']],
    ['30 days', []],
    ['30 months', ['30']],
    ['about 3.2 million people', []],
    ['about 3.4 million people', ['3.4 million']],
    ['3 214 000 people', []],
    ['200 EUR in all', ['200']],
    ['in 2021', []],
    ['in 2020', ['2020']],
  ])('%s', (answer, expected) => {
    expect(unsupported(`it was ${answer}.`, REPORT)).toEqual(expected);
  });

  test('that order the answer, or stand in addresses and code, are passed over', () => {
    const answer =
      '1. it grew [7].\n2. it fell, see https://example.org/77/8.\n\n### Step 9: see `a[13]`, and source 6';
    expect(check(answer, REPORT)).toEqual({ validator: 'numbers', outcome: 'pass', reason: null });
  });

  test('may be sums and differences where that is allowed', () => {
    const answer = 'all in all 200 EUR, a difference of 40 EUR.';
    expect(unsupported(answer, REPORT)).toEqual(['200', '40']);
    expect(unsupported(answer, REPORT, { allow_computed: true })).toEqual([]);
    expect(unsupported('all in all 201 EUR.', REPORT, { allow_computed: true })).toEqual(['201']);
    // Of two paragraphs nothing is added up.
    expect(unsupported('all in all 150 EUR.', REPORT, { allow_computed: true })).toEqual(['150']);
  });

  test('of versions and the like are not read as others', () => {
    expect(unsupported('it needs 1.2.3.', 'Version 1.2.3')).toEqual([]);
    expect(unsupported('it needs 1.2.4.', 'Version 1.2.3')).toEqual(['1.2.4']);
  });
});

describe('dates', () => {
  test.each([
    ['2024-03-05', []],
    ['March 5, 2024', []],
    ['5. März 2024', []],
    ['05.03.2024', []],
    ['03/05/2024', []],
    ['March 2024', []],
    ['5 March', []],
    ['2:30 pm', []],
    ['2024-05-30', ['2024-05-30']],
    ['6 March 2024', ['6 March 2024']],
    ['April 2024', ['April 2024']],
    ['2:30 am', ['2:30 am']],
  ])('%s', (answer, expected) => {
    expect(unsupported(`it was on ${answer}.`, REPORT)).toEqual(expected);
  });
});

describe('names', () => {
  test.each([
    ["There was Ana Duarte's speech.", []],
    ['There was Ana Duerte.', ['Ana Duerte']],
    ['However, the EU spoke in Lisbon.', []],
    ['However, the US spoke in Madrid.', ['US', 'Madrid']],
    ['They used GPT-4.', []],
    ['They used GPT-5, with 5 parties.', ['5', 'GPT-5']],
    ['# Summary Of The Meeting', []],
  ])('%s', (answer, expected) => {
    expect(unsupported(answer, REPORT).toSorted()).toEqual(expected.toSorted());
  });

  test('are not looked at where the route says so, and in German only those that nothing else looks like', () => {
    expect(unsupported('They met in Madrid.', REPORT, { entities: false })).toEqual([]);
    const german =
      'Der Vertrag wurde von der Gesellschaft in Madrid mit der NATO und nicht mit dem Verein geschlossen.';
    expect(unsupported(german, REPORT)).toEqual(['NATO']);
  });
});

test('the verdict names kind and place, in JSON by pointer, and what it found first', () => {
  const verdict = check('{"total": 240, "city": "seen in Madrid"}', 'The total is 204 EUR.');
  expect(verdict).toEqual({
    validator: 'numbers',
    outcome: 'fail',
    reason: '2 of 2 facts are not in the supplied context (numbers, names)',
    place: '/total',
    evidence: [
      { kind: 'number', text: '240', place: '/total' },
      { kind: 'name', text: 'Madrid', place: '/city' },
    ],
  });
});

test.each<[JsonValue, boolean, boolean]>([
  [null, true, true],
  ['strict', true, true],
  ['flag', true, false],
  [{ mode: 'flag', entities: false }, true, false],
  [{ allow_computed: true }, true, true],
  ['lenient', false, true],
  [{ mode: 'lenient' }, false, true],
  [{ entities: 'yes' }, false, true],
  [{ entity: true }, false, true],
  [[], false, true],
])('options %j: usable %s, rejects %s', (options, isUsable, rejects) => {
  expect(validator.checkOptions(options) === null).toBe(isUsable);
  if (isUsable) expect(validator.rejects?.(options)).toBe(rejects);
});
