import { describe, expect, test } from 'vitest';

import { corruptionTable } from '../../../test/support/corruption-table.ts';
import { outputHabits } from './output-habits.ts';
import { JsonReader } from './read-json.ts';

const reader = new JsonReader();
const read = (text: string, model = 'gpt-4o'): ReturnType<JsonReader['read']> => reader.read(text, outputHabits(model));
const outcome = (text: string): string => {
  const reading = read(text);
  return 'problem' in reading ? reading.problem : `${reading.level} ${reading.text}`;
};

describe('the text of the one value', () => {
  test.each([
    ['{"a":1}', '0 {"a":1}'],
    [' [1] ', '0  [1] '],
    ['"text"', '0 "text"'],
    ['```json\n{"a": 1}\n```', '1 {"a": 1}'],
    ['```json\n{"a": 1}', '1 {"a": 1}'],
    ['Here it is: {"a":[1,{"b":"}"}]}. Done.', '1 {"a":[1,{"b":"}"}]}'],
    ['Fill in {name} [see below]: {"a":1}', '1 {"a":1}'],
    ['{"a":1},', '1 {"a":1}'],
    ['<thinking>{"a":2}</thinking><think>x</think> {"a":1}', '1 {"a":1}'],
    ['{"a":"x\ny\t\u0001"}', String.raw`2 {"a":"x\ny\t\u0001"}`],
    ["{'a': 'it's', 'b': \"it's\", 'c': 'say \"hi\"'}", String.raw`3 {"a": "it's", "b": "it's", "c": "say \"hi\""}`],
    ['{"a":[1,2,],}', '3 {"a":[1,2]}'],
    ['{a: True, b_2: None}', '3 {"a": true, "b_2": null}'],
    ['{"a": "he said "hi" to me"}', String.raw`3 {"a": "he said \"hi\" to me"}`],
    ['{"a": 1 /* one */, // and\n "b": 2}', '3 {"a": 1 , \n "b": 2}'],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
});

describe('refuses', () => {
  test.each([
    ['', 'it holds none'],
    ['   \n\t', 'it holds none'],
    ['not json at all', 'it holds none'],
    ['true or false', 'it holds none'],
    ['{"a":1} {"a":1}', 'it holds more than one value'],
    ['As in [1]: {"a":1}', 'it holds more than one value'],
    ['{"a":1,} or {"b":2}', 'it holds more than one value'],
    ['{"a":1', 'it ends inside a value'],
    ['{"a":"x', 'it ends inside a value'],
    ['{"a":[1,2}', 'it ends inside a value'],
    ['[{"a":1},', 'it ends inside a value'],
    ['{"name":"x"} and more {broken', 'it ends inside a value'],
    ['<think>perhaps {"a":1}', 'it ends inside a value'],
    ['{"a":{"b":1}},"c":2}', 'it is part of a value'],
    ['"b":2,"c":{"d":1}}', 'it is part of a value'],
    ['"c":{"d":1}', 'it is part of a value'],
    ['{"d":1}, "e":{', 'it ends inside a value'],
    ['{"d":1}, "e"', 'it is part of a value'],
    ['{1: {"d":1}}', 'it is part of a value'],
    ['{"d":1} e[f}', 'it is part of a value'],
    ['{“c”: {"d":1}, “e”: 2}', 'it is part of a value'],
    [String.raw`{\", \"b":"x {}"}`, 'it is part of a value'],
    ['[undefined, {"d":1}]', 'it is part of a value'],
    ['{...c, e: {"d":1}}', 'it is part of a value'],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  // Each of these becomes JSON by `jsonrepair` alone, and another value than it was.
  test.each([
    ['{"a":1,"b":}'],
    ['{"a":...,"b":1}'],
    ['{"a": 007}'],
    ['{"a": 2.}'],
    ['{"a": NaN}'],
    ['{"a": hello}'],
    ['{"a": undefined}'],
    ['{"a": "b" + "c"}'],
    ['{"a": ObjectId("1")}'],
    ['{"a": &quot;x&quot;}'],
    ['[1 2]'],
    ['{"a":[,1]}'],
    ['[1,,2]'],
    ['[1,[,]]'],
    ['{"a":1,,"b":2}'],
    ['{"a":"x\\\ny"}'],
  ])('%j rather than guess', (text) => {
    expect(outcome(text)).toBe('it cannot be repaired for certain');
  });
});

test('a model whose prompt opens the reasoning shows its end only', () => {
  const text = 'Is it {"a":2}?\n</think>\n\n{"a":1}';
  expect(read(text, 'Qwen3-235B-A22B-Thinking-2507')).toMatchObject({ text: '{"a":1}', level: 1 });
  expect(read(text)).toEqual({ problem: 'it holds more than one value' });
});

test.each([
  ['an endless nest', '['.repeat(1_000_000)],
  ['commas missing everywhere', `{${'"k":1 '.repeat(60_000)},}`],
  ['quotes everywhere', `{'a':${"'x ' ".repeat(200_000)}`],
  ['braces in prose', 'x{'.repeat(500_000)],
])('%s takes no long time', (_name, text) => {
  const startedAt = performance.now();
  expect(read(text)).toHaveProperty('problem');
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('corrupted objects are read as what they were, or not at all', () => {
  for (const { corruption, cases, recovered, wrong, refusals } of corruptionTable(500, 20_261_122)) {
    expect(wrong, corruption.name).toEqual([]);
    if (corruption.expected === 'refused') expect(refusals, corruption.name).toHaveLength(cases);
    else
      expect(recovered / cases, `${corruption.name}: ${refusals.join('\n')}`).toBeGreaterThanOrEqual(corruption.share);
  }
});
