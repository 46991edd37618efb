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
