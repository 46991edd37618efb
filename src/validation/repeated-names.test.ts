import { expect, test } from 'vitest';

import { asking, answer, FORMAT, PLAIN, steps, TERMS } from '../../test/support/judging.ts';
import { parseJson, type JsonValue } from '../core/json.ts';
import { hasRepeatedNames } from './repeated-names.ts';
import { judge } from './run.ts';

test.each<[string, boolean]>([
  ['{"a":1,"a":2}', true],
  [String.raw`{"a":1,"\u0061":2}`, true],
  ['{"a":{"b":1,\n"b" : 2}}', true],
  ['[{"":1,"":1}]', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', false],
  [String.raw`{"a":"b\": \"a\":","b":"x:"}`, false],
  ['{"__proto__":1,"constructor":2}', false],
  ['"a"', false],
  ['{}', false],
])('%s: %s', (text, expected) => {
  expect(hasRepeatedNames(text, parseJson(text) as JsonValue)).toBe(expected);
});

test('an answer whose reader may take another value than was checked is not handed over', async () => {
  const text = '{"name":1,"name":"x"}';
  const { accepted, rejected } = await judge(answer({ text }), FORMAT, null, steps(), TERMS);
  expect(accepted).toBe(false);
  expect(rejected?.reason).toBe('a member is named twice in one object');
  expect((await judge(answer({ text }), PLAIN, null, steps(), TERMS)).accepted).toBe(true);
  const anyJson = asking({ type: 'json_object' });
  expect((await judge(answer({ text }), anyJson, null, steps(), TERMS)).accepted).toBe(false);
});
