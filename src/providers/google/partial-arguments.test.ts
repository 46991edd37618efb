import { expect, test } from 'vitest';

import type { JsonObject } from '../../core/json.ts';
import { PartialArguments } from './partial-arguments.ts';

const text = (jsonPath: string, stringValue: string): JsonObject => ({ jsonPath, stringValue });

function build(...pieces: readonly JsonObject[]): {
  readonly value: unknown;
  readonly problems: readonly (string | null)[];
} {
  const partial = new PartialArguments();
  const problems = pieces.map((piece) => partial.add(piece));
  return { value: partial.value, problems };
}

test('pieces of a text follow each other', () => {
  expect(build(text('$.city', 'San '), text('$.city', 'Francisco'), text('$.city', '')).value).toEqual({
    city: 'San Francisco',
  });
});

test('values of every kind find their place', () => {
  const { value } = build(
    text('$.items[0].name', 'a'),
    { jsonPath: '$.items[0].price', numberValue: 0.5 },
    { jsonPath: '$.items[1].sold', boolValue: false },
    { jsonPath: '$["odd key"]', nullValue: 'NULL_VALUE' },
    { jsonPath: "$.grid[0][0]['x.y']", numberValue: 7 },
  );
  expect(value).toEqual({
    items: [{ name: 'a', price: 0.5 }, { sold: false }],
    'odd key': null,
    grid: [[{ 'x.y': 7 }]],
  });
});

test.each<[string, readonly JsonObject[]]>([
  ['no path', [{ stringValue: 'a' }]],
  ['a path that is none', [text('city', 'a')]],
  ['a path that cannot be read', [text('$.a..b', 'x')]],
  ['the root itself', [text('$', 'a')]],
  ['no value', [{ jsonPath: '$.a' }]],
  ['a gap in an array', [text('$.a[1]', 'x')]],
  ['a member of a text', [text('$.a', 'x'), text('$.a.b', 'y')]],
  ['a key of an array', [text('$.a[0]', 'x'), text('$.a.b', 'y')]],
  ['a place in an object', [text('$.a.b', 'x'), text('$.a[0]', 'y')]],
  ['the prototype', [text('$.__proto__.polluted', 'x')]],
])('%s is a problem', (_name, pieces) => {
  expect(build(...pieces).problems.at(-1)).toEqual(expect.any(String));
  expect(({} as JsonObject)['polluted']).toBeUndefined();
});
