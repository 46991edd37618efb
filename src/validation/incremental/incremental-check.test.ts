import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { IncrementalRun } from '../../../test/support/incremental-run.ts';
import type { JsonObject } from '../../core/json.ts';
import { SchemaChecker } from '../schema-checker.ts';
import { IncrementalCheck } from './incremental-check.ts';

const schemas = new SchemaChecker();
const PERSON: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name'],
  additionalProperties: false,
};

/** How much of a text came before the first character at which it is known to be wrong; `null`: it never is. */
function validPart(text: string, schema: JsonObject, mayRepair = false): string | null {
  const outline = schemas.outlineOf(schema);
  if (outline === null) throw new Error(`no schema: ${schemas.problemOf(schema)}`);
  const flaw = new IncrementalCheck(outline).take(text, mayRepair);
  return flaw === null ? null : text.slice(0, flaw.offset);
}

const D2020 = 'https://json-schema.org/draft/2020-12/schema';
const D7 = 'http://json-schema.org/draft-07/schema#';
const TREE: JsonObject = {
  type: 'object',
  properties: { value: { type: 'number' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
  required: ['value', 'next'],
};
const SHAPE: JsonObject = {
  oneOf: [
    { $ref: '#/$defs/circle' },
    { properties: { kind: { const: 'square' }, side: { type: 'number' } }, required: ['kind', 'side'] },
  ],
  $defs: {
    circle: { properties: { kind: { const: 'circle' }, radius: { type: 'number' } }, required: ['kind', 'radius'] },
  },
};

describe('knows at the first character that can tell', () => {
  test.each<[string, JsonObject, string, string]>([
    ['a wrong type', PERSON, '{"name": 7}', '{"name": '],
    ['a wrong type of the whole', PERSON, '  [1]', '  '],
    ['an impossible name', PERSON, '{"name": "x", "nick": 1}', '{"name": "x", "n'],
    ['a name that ends too early', PERSON, '{"na": 1}', '{"na'],
    ['a name that is too long', PERSON, '{"names": 1}', '{"name'],
    ['a name in escapes', PERSON, String.raw`{"\u006ec": 1}`, String.raw`{"\u006e`],
    ['a missing member', PERSON, '{"age": 1}', '{"age": 1'],
    ['a member named twice', PERSON, '{"name": "x", "name": "y"}', '{"name": "x", "name'],
    ['a fraction', PERSON, '{"age": 1.5, "name": "x"}', '{"age": 1.5'],
    ['a word', { enum: ['yes', 'yesterday', 'no'] }, '"yet"', '"ye'],
    ['a word that ends too early', { enum: ['yes', 'no'] }, '"ye"', '"ye'],
    ['a constant', { const: true }, 'false', ''],
    ['a number that is none of those', { items: { enum: [1, 10] } }, '[100, 1]', '[100'],
    ['a number out of range', { items: { minimum: 1, exclusiveMaximum: 5 } }, '[1, 5]', '[1, 5'],
    ['a long string', { type: 'string', maxLength: 3 }, '"abcd"', '"abc'],
    ['a long string of characters of two units', { type: 'string', maxLength: 2 }, '"😀😀😀"', '"😀😀'],
    ['a short string', { type: 'string', minLength: 3 }, '"😀😀"', '"😀😀'],
    ['too many items', { maxItems: 2 }, '[1, 2, 3]', '[1, 2, '],
    ['too few items', { minItems: 1 }, '[]', '['],
    ['too many members', { maxProperties: 1 }, '{"a": 1, "b": 2}', '{"a": 1, '],
    ['an item by its place', { $schema: D2020, prefixItems: [{ type: 'string' }], items: false }, '["a", 1]', '["a", '],
    ['an item by its place in draft-07', { items: [true, { type: 'null' }], additionalItems: false }, '[1, 2]', '[1, '],
    ['a member by what others must be', { additionalProperties: { type: 'number' } }, '{"a": "x"}', '{"a": '],
    ['what all must accept', { allOf: [{ required: ['a'] }, { required: ['b'] }] }, '{"a": 1}', '{"a": 1'],
    [
      'what refers to itself',
      TREE,
      '{"value": 1, "next": {"value": 2, "next": 3}}',
      '{"value": 1, "next": {"value": 2, "next": ',
    ],
    ['what no alternative takes', SHAPE, '{"kind": "circus"}', '{"kind": "circ'],
    ['what the alternative left wants', SHAPE, '{"kind": "square", "radius": 2}', '{"kind": "square", "radius": 2'],
    ['null where it is not taken', { type: 'string' }, 'null', ''],
    ['two values', {}, '{} {}', '{} '],
    ['no JSON', {}, '{"a": tru}', '{"a": tru'],
    ['a comma at the end', {}, '[1, ]', '[1, '],
    ['a raw line break', {}, '["a\nb"]', '["a'],
    ['an escape that is none', {}, String.raw`["\x"]`, String.raw`["\ `.trim()],
    ['half an escape', {}, String.raw`["\u12g4"]`, String.raw`["\u12`],
    ['a number that is none', {}, '[01]', '[0'],
    ['prose', {}, 'Here it is', ''],
  ])('%s', (_name, schema, text, expected) => {
    expect(validPart(text, schema)).toBe(expected);
  });

  test('a text that is nested beyond all use', () => {
    expect(validPart('['.repeat(1001), {})).toBe('['.repeat(1000));
  });
});

describe('says nothing of', () => {
  test.each<[string, JsonObject, string]>([
    ['what is right', PERSON, '{"name": "x", "age": 12}'],
    ['what is not whole yet', PERSON, '{"name": "x", "ag'],
    ['an integer written as a fraction', PERSON, '{"name": "x", "age": 1.50e1}'],
    ['names a pattern may take', { patternProperties: { '^x': {} }, additionalProperties: false }, '{"other": 1}'],
    ['null where it is allowed', { type: 'string', nullable: true }, 'null'],
    ['what only the whole can tell', { uniqueItems: true, not: {}, items: { pattern: '^a' } }, '["b", "b"]'],
    [
      'references that an `$id` turns elsewhere',
      { properties: { a: { $id: 'x:y', $ref: '#/$defs/b' } }, $defs: { b: { type: 'null' } } },
      '{"a": 1}',
    ],
    ['keywords of the other draft', { $schema: D7, prefixItems: [{ type: 'null' }] }, '[1]'],
    ['numbers beyond all numbers', { maximum: 5 }, '[1e999]'],
  ])('%s', (_name, schema, text) => {
    if (schemas.problemOf(schema) === null) expect(validPart(text, schema)).toBeNull();
    else expect(schemas.outlineOf(schema)).toBeNull();
  });

  test('more than a bounded amount of work pays for', () => {
    const alternatives = Array.from({ length: 60 }, (_, least) => ({
      type: 'array',
      minItems: least,
      items: { $ref: '#' },
    }));
    const short = '[[],'.repeat(3);
    expect(validPart(`${short}5`, { anyOf: alternatives })).toBe(short);
    expect(validPart(`[${'[],'.repeat(5000)}5`, { anyOf: alternatives })).toBeNull();
    // However long the text: what it costs in all has an end.
    const items = { items: { type: 'array' } };
    expect(validPart(`[${'[],'.repeat(190_000)}5`, items)).not.toBeNull();
    expect(validPart(`[${'[],'.repeat(210_000)}5`, items)).toBeNull();
  });
});

describe('where the JSON in a text may be handed over in its place', () => {
  test.each<[string, string]>([
    ['prose before', 'Here: {"name": 7}'],
    ['a fence', '```json\n{"name": 7}'],
    ['prose in brackets', '[see below] {"name": "x"}'],
    ['prose in quotation marks', '"Sure" {"name": "x"}'],
    ['what a quote inside a string may make of it', '{"name": "x", "nick" or not'],
    ['a value after the JSON', '{"name": "x"} {"name": "y"}'],
    ['a comma at the end', '{"name": "x", }'],
  ])('nothing is said after %s', (_name, text) => {
    expect(validPart(text, PERSON, true)).toBeNull();
  });

  test.each<[string, string, string]>([
    ['a wrong type', '{"name": 7', '{"name": '],
    ['an impossible name, once it has ended', '{"nick":', '{"n'],
    ['a missing member', '{"age": 1}', '{"age": 1'],
  ])('%s still counts', (_name, text, expected) => {
    expect(validPart(text, PERSON, true)).toBe(expected);
    expect(validPart(text.slice(0, -1), PERSON, true)).toBeNull();
  });

  test('what begins with JSON says nothing where that may be reasoning', () => {
    const check = new IncrementalCheck(schemas.outlineOf(PERSON) as never, true);
    expect(check.take('{"name": 7}', true)).toBeNull();
    // Nothing is taken out of a text of which some has gone out.
    expect(check.take(' ', false)).toMatchObject({ offset: 9 });
  });

  test('what could have been recovered is wrong once some of it has gone out', () => {
    const check = new IncrementalCheck(schemas.outlineOf(PERSON) as never);
    expect(check.take('```json\n{', true)).toBeNull();
    expect(check.take('"', false)).toEqual({ reason: 'from here on the answer is not JSON', offset: 0 });
  });
});

describe('random schemas, texts and pieces', () => {
  // A sample of `test/full/incremental-schema.test.ts`.
  test('never fail what is accepted, whatever the pieces and however a text goes on', () => {
    const run = new IncrementalRun();
    const outcomes = { pass: 0, fail: 0, abstain: 0, early: 0 };
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const { broken, final, foundAt } of run.judge(seed, 6)) {
          outcomes[final]++;
          if (foundAt !== null) outcomes.early++;
          expect(broken).toEqual([]);
        }
      }),
      { numRuns: 150, seed: 20_261_122 },
    );
    // Neither side may go untested.
    expect(outcomes.pass).toBeGreaterThan(110);
    expect(outcomes.early).toBeGreaterThan(225);
  });

  test.each<[string, (outline: ReturnType<SchemaChecker['outlineOf']> & object) => typeof outline]>([
    ['members are missed that nobody requires', (outline) => ({ ...outline, required: ['a'] })],
    ['names are closed that are open', (outline) => ({ ...outline, onlyNames: ['a', 'b'] })],
    ['items are counted wrongly', (outline) => ({ ...outline, items: { least: 2, most: 2 } })],
  ])('are found to be failed wrongly where %s', (_name, change) => {
    const run = new IncrementalRun(change);
    const broken = Array.from({ length: 50 }, (_, seed) => run.judge(seed, 6))
      .flat()
      .flatMap((each) => each.broken);
    expect(broken.length).toBeGreaterThan(5);
  });
});
