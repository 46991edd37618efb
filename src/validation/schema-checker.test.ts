import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../core/json.ts';
import { SchemaChecker } from './schema-checker.ts';

const checker = new SchemaChecker();
const outcome = (value: unknown, schema: JsonObject): string => checker.check(JSON.stringify(value), schema).outcome;

describe('a schema of draft-07', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false } },
    required: ['pair'],
  };

  test.each([
    [{ pair: ['a', 1] }, 'pass'],
    [{ pair: ['a', 'b'] }, 'fail'],
    [{ pair: ['a', 1, 2] }, 'fail'],
    [{}, 'fail'],
  ])('judges %j', (value, expected) => {
    expect(outcome(value, schema)).toBe(expected);
  });

  test('holds where no version is named', () => {
    const { $schema: _version, ...plain } = schema;
    expect(outcome({ pair: ['a', 1, 2] }, plain)).toBe('fail');
  });
});

test('a member that every object inherits is there only where the answer has it', () => {
  const schema = (more: JsonObject): JsonObject => ({ properties: { constructor: { type: 'string' } }, ...more });
  expect(outcome({}, schema({}))).toBe('pass');
  expect(outcome({ constructor: 'x' }, schema({ additionalProperties: false }))).toBe('pass');
  expect(outcome({ constructor: 1 }, schema({}))).toBe('fail');
  for (const name of ['constructor', 'toString', '__proto__']) expect(outcome({}, { required: [name] })).toBe('fail');
});

test.each(['http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2020-12/schema'])(
  'the whole schema can be referred to in it, by %s',
  ($schema) => {
    const tree = { $schema, required: ['name'], properties: { children: { items: { $ref: '#' } } } };
    expect(checker.problemOf(tree)).toBeNull();
    expect(outcome({ name: 'a', children: [{ name: 'b' }] }, tree)).toBe('pass');
    expect(outcome({ name: 'a', children: [{}] }, tree)).toBe('fail');
  },
);

describe('a schema that names no version', () => {
  const pair = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] };

  test('is of 2020-12 where it has words that draft-07 would pass over', () => {
    expect(outcome({ pair: ['a', 1] }, { properties: { pair } })).toBe('pass');
    expect(outcome({ pair: ['a', 'b'] }, { properties: { pair } })).toBe('fail');
    expect(outcome({ a: 1 }, { allOf: [{ dependentRequired: { a: ['b'] } }] })).toBe('fail');
  });

  test('is of draft-07 where such a word is but a name or a value', () => {
    const tuple = { items: [{ type: 'string' }] };
    expect(outcome([1], { ...tuple, properties: { prefixItems: { type: 'array' } } })).toBe('fail');
    expect(outcome([1], { ...tuple, default: { prefixItems: [] } })).toBe('fail');
  });
});

test('a schema with dynamic references is not checked, rather than in part', () => {
  const schema: JsonObject = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $dynamicAnchor: 'node',
    properties: { value: { type: 'number' }, children: { type: 'array', items: { $dynamicRef: '#node' } } },
  };
  expect(checker.check('{"children":[{"value":1},{"value":"x"}]}', schema)).toMatchObject({
    outcome: 'abstain',
    reason: expect.stringContaining('$ref'),
  });
  expect(checker.faultOf(schema)).toBeNull();
  expect(checker.problemOf({ ...schema, properties: { $dynamicRef: { type: 'string' } } })).toBeNull();
});

test.each([
  [19.99, 0.01, 'pass'],
  [0.3, 0.1, 'pass'],
  [1234567.89, 0.01, 'pass'],
  [1e21, 1, 'pass'],
  [0, 0.01, 'pass'],
  [-4.35, 0.01, 'pass'],
  [19.995, 0.01, 'fail'],
  [1.0000000001, 1, 'fail'],
  [7, 2, 'fail'],
])('%f as a multiple of %f: %s', (value, multipleOf, expected) => {
  expect(outcome(value, { multipleOf })).toBe(expected);
});

describe('a schema of 2020-12', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false } },
    unevaluatedProperties: false,
  };

  test.each([
    [{ pair: ['a', 1] }, 'pass'],
    [{ pair: ['a', 'b'] }, 'fail'],
    [{ pair: ['a', 1, 2] }, 'fail'],
    [{ other: 1 }, 'fail'],
  ])('judges %j', (value, expected) => {
    expect(outcome(value, schema)).toBe(expected);
  });
});

test('recursive schemas are followed', () => {
  const schema = {
    $ref: '#/$defs/tree',
    $defs: { tree: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#/$defs/tree' } } } } },
  };
  expect(outcome({ children: [{ children: [] }] }, schema)).toBe('pass');
  expect(outcome({ children: [{ children: [1] }] }, schema)).toBe('fail');
});

test('formats are checked', () => {
  const schema = { type: 'object', properties: { at: { type: 'string', format: 'date' } } };
  expect(outcome({ at: '2026-11-22' }, schema)).toBe('pass');
  expect(outcome({ at: '22 November' }, schema)).toBe('fail');
});

test('text that is not JSON fails', () => {
  expect(checker.check('{"a":', { type: 'object' })).toEqual({
    validator: 'json_schema',
    outcome: 'fail',
    reason: 'the answer is not JSON',
  });
});

test('a failure says where and why', () => {
  const schema = { type: 'object', properties: { year: { type: 'integer' } } };
  expect(checker.check('{"year":"x"}', schema).reason).toBe('/year must be integer');
});

test('a pattern that would backtrack for ever is judged at once', () => {
  const schema = { type: 'string', pattern: '^(a+)+$' };
  const startedAt = performance.now();
  expect(outcome(`${'a'.repeat(20_000)}!`, schema)).toBe('fail');
  expect(outcome('a'.repeat(20_000), schema)).toBe('pass');
  // Backtracking would take longer than the universe; a linear engine takes milliseconds.
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test('a look-ahead, which a linear engine has not, is left undecided', () => {
  const verdict = checker.check('"abc"', { type: 'string', pattern: '^(?=a).*$' });
  expect(verdict.outcome).toBe('abstain');
  expect(verdict.reason).toContain('(?=');
});

test.each([
  ['a type nobody knows', { type: 'objekt' }],
  ['properties that are no object', { type: 'object', properties: 7 }],
  ['a reference to nowhere', { $ref: '#/$defs/missing' }],
  ['a version nobody knows', { $schema: 'https://example.com/schema' }],
])('%s makes the schema itself wrong', (_name, schema) => {
  expect(checker.problemOf(schema as JsonObject)).toEqual(expect.any(String));
  expect(checker.check('{}', schema as JsonObject).outcome).toBe('abstain');
});

test('one schema’s names are not another’s', () => {
  const first = { properties: { a: { $id: 'https://schemas.example/a', type: 'string' } } };
  const second = { properties: { a: { $id: 'https://schemas.example/a', type: 'number' } } };
  const third = { properties: { b: { $ref: 'https://schemas.example/a' } } };
  expect(outcome({ a: 'x' }, first)).toBe('pass');
  expect(outcome({ a: 1 }, second)).toBe('pass');
  expect(checker.problemOf(third)).toContain('https://schemas.example/a');
});

test('a schema is still judged rightly after many others', () => {
  const fresh = new SchemaChecker();
  const schema = (index: number): JsonObject => ({ type: 'object', required: [`key${index}`] });
  for (let index = 0; index < 300; index++)
    expect(fresh.check(`{"key${index}":1}`, schema(index)).outcome).toBe('pass');
  expect(fresh.check('{"key0":1}', schema(0)).outcome).toBe('pass');
  expect(fresh.check('{"key1":1}', schema(0)).outcome).toBe('fail');
});

describe('a schema cannot hold up the process', () => {
  const many = <Value>(count: number, make: (index: number) => Value): readonly Value[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const properties = (count: number): JsonObject =>
    Object.fromEntries(many(count, (index) => [`key${index}`, { type: 'string' }] as const));
  /** Far above the bound that holds when the machine has nothing else to do, far below what it took without one. */
  const timed = <Value>(work: () => Value): Value => {
    const startedAt = performance.now();
    const result = work();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    return result;
  };

  test('by its size: one too large is not checked, with the bound, and is no fault', () => {
    const large = { type: 'object', properties: properties(30_000) };
    expect(timed(() => checker.problemOf(large))).toContain('1500 values');
    expect(checker.faultOf(large)).toBeNull();
    expect(timed(() => checker.check('{}', large)).outcome).toBe('abstain');
    expect(checker.faultOf({ type: 'object', properties: properties(700) })).toBeNull();
  });

  test('by what it repeats', () => {
    const $defs = { wide: { type: 'object', properties: properties(100) } };
    const schema = { $defs, items: many(100, () => ({ $ref: '#/$defs/wide' })) };
    expect(timed(() => checker.problemOf(schema))).toBeNull();
  });

  test('by comparing everything with everything', () => {
    const items = many(20_000, (index) => ({ index }));
    const verdict = timed(() => checker.check(JSON.stringify(items), { type: 'array', uniqueItems: true }));
    expect(verdict).toMatchObject({ outcome: 'abstain', reason: expect.stringContaining('100 ms') as string });
    expect(checker.check('[{"a":1},{"a":1}]', { type: 'array', uniqueItems: true }).outcome).toBe('fail');
    expect(checker.check('[{"a":1},{"a":2}]', { type: 'array', uniqueItems: true }).outcome).toBe('pass');
  });

  test('by going down twice at every level', () => {
    const down = { items: { $ref: '#/$defs/tree' } };
    const schema = { $ref: '#/$defs/tree', $defs: { tree: { allOf: [down, down] } } };
    expect(timed(() => checker.check('['.repeat(60) + ']'.repeat(60), schema)).outcome).toBe('abstain');
    expect(checker.check('[[[]]]', schema).outcome).toBe('pass');
  });
});

describe('a schema that would be checked later', () => {
  test.each<[string, JsonObject]>([
    ['as a whole', { $async: true, type: 'object', required: ['a'] }],
    ['in what it refers to', { $ref: '#/$defs/a', $defs: { a: { $async: true, required: ['a'] } } }],
    ['in a part', { properties: { a: { $async: true, type: 'string' } } }],
    ['without being so', { $async: false, type: 'object' }],
  ])('%s is refused', (_name, schema) => {
    expect(checker.faultOf(schema)).toContain('async');
    expect(checker.check('{}', schema).outcome).toBe('abstain');
  });

  test('a member of that name is one like others', () => {
    const schema = { properties: { $async: { type: 'string' } } };
    expect(checker.check('{"$async":"x"}', schema).outcome).toBe('pass');
    expect(checker.check('{"$async":1}', schema).outcome).toBe('fail');
  });
});

describe('a pattern', () => {
  test.each(['(', '[z-a]', 'a{2,1}', '*a', 'a**'])('%s is no expression: the schema is wrong', (pattern) => {
    expect(checker.faultOf({ type: 'string', pattern })).toEqual(expect.any(String));
  });

  test.each(['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?<n>a)\\k<n>'])(
    '%s is right, and beyond a linear engine',
    (pattern) => {
      const schema = { type: 'string', pattern };
      expect(checker.faultOf(schema)).toBeNull();
      expect(checker.problemOf(schema)).toContain(pattern);
      expect(checker.check('"aa"', schema).outcome).toBe('abstain');
    },
  );

  test('that names properties is judged alike', () => {
    expect(checker.faultOf({ patternProperties: { '(': { type: 'string' } } })).toEqual(expect.any(String));
    expect(checker.faultOf({ patternProperties: { '(?=a)': { type: 'string' } } })).toBeNull();
  });
});

test('an answer that is no JSON fails, also where the schema cannot be used', () => {
  const checker = new SchemaChecker();
  expect(checker.check('hello', { pattern: '^(?!x)' }).outcome).toBe('fail');
  expect(checker.check('"hello"', { pattern: '^(?!x)' }).outcome).toBe('abstain');
});

test('a draft that Candor cannot check is no fault of the schema', () => {
  const checker = new SchemaChecker();
  const schema = { $schema: 'https://json-schema.org/draft/2019-09/schema', type: 'object' };
  expect(checker.faultOf(schema)).toBeNull();
  expect(checker.check('{}', schema).outcome).toBe('abstain');
});

test('expressions count by what they repeat', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 180 }, (_, index) => [`p${index}`, { type: 'string', pattern: '[a-z]{0,1000}' }]),
  );
  expect(new SchemaChecker().problemOf({ type: 'object', properties })).toContain('1500 values');
});
