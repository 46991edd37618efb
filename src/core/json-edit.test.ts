import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { editMembers } from './json-edit.ts';
import { locateMembers } from './json-scan.ts';

type Edits = Readonly<Record<string, string | null>>;

function edit(text: string, edits: Edits): string {
  const bytes = Buffer.from(text);
  const changes = new Map(
    Object.entries(edits).map(([name, json]) => [name, json === null ? null : Buffer.from(json)] as const),
  );
  return editMembers(bytes, locateMembers(bytes), changes).toString('utf8');
}

describe('an object', () => {
  test.each<[string, Edits, string]>([
    ['{"a":1,"b":2}', {}, '{"a":1,"b":2}'],
    ['{"a":1,"b":2}', { a: '"x"' }, '{"a":"x","b":2}'],
    ['{ "a" : 1 , "b" : 2 }', { a: null }, '{ "b" : 2 }'],
    ['{ "a" : 1 , "b" : 2 }', { b: null }, '{ "a" : 1 }'],
    ['{"a":1,"b":2,"c":3}', { b: null }, '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', { a: null, b: null }, '{"c":3}'],
    ['{"a":1,"b":2,"c":3}', { b: null, c: null }, '{"a":1}'],
    ['{"a":1,"b":2}', { a: null, b: null }, '{}'],
    ['{"a":1}', { a: null, b: '2' }, '{"b":2}'],
    ['{}', { a: '1', b: '2' }, '{"a":1,"b":2}'],
    [' {"a":[1,{"b":"}"}]}\n', { c: '3' }, ' {"a":[1,{"b":"}"}],"c":3}\n'],
    ['{"a":12345678901234567890,"b":1.0}', { b: null }, '{"a":12345678901234567890}'],
    ['{"\\u00e9":1,"é2":2}', { é: '7', é2: null }, '{"\\u00e9":7}'],
    ['{"a":1}', { b: null }, '{"a":1}'],
  ])('%s with %j is %s', (text, edits, expected) => {
    expect(edit(text, edits)).toBe(expected);
  });
});

test('edits mean what they mean to a parser, in whatever spacing', () => {
  const names = ['a', 'b', 'é', 'd'];
  const members = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 })), {
    selector: ([name]) => name,
  });
  const changes = fc.dictionary(fc.constantFrom(...names, 'new'), fc.option(fc.constantFrom('1', '{"x":[]}', '"}"')), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(members, changes, fc.constantFrom(0, 1, '\t'), (entries, edits, space) => {
      const text = JSON.stringify(Object.fromEntries(entries), null, space);
      const expected = JSON.parse(text) as Record<string, unknown>;
      for (const [name, json] of Object.entries(edits)) {
        if (json === null) delete expected[name];
        else expected[name] = JSON.parse(json);
      }
      expect(JSON.parse(edit(text, edits))).toEqual(expected);
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
});
