import { expect, test } from 'vitest';

import { fromOpenApiSchema } from './openapi-schema.ts';

test('types lose their capitals, and nothing else its meaning', () => {
  const schema = fromOpenApiSchema({
    type: 'OBJECT',
    description: 'A person',
    properties: {
      name: { type: 'STRING', example: 'Ann', minLength: '1', maxLength: '9007199254740993' },
      kind: { type: 'STRING', format: 'enum', enum: ['a', 'b'] },
      age: { type: 'INTEGER', format: 'int32', nullable: true },
      tags: { type: 'ARRAY', items: { type: 'STRING' }, min_items: '2' },
      any: { anyOf: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }], nullable: true },
    },
    required: ['name'],
    propertyOrdering: ['kind', 'name'],
  });
  expect(schema).toEqual({
    type: 'object',
    description: 'A person',
    properties: {
      // No number of a program: what says so is left as it stands.
      name: { type: 'string', examples: ['Ann'], minLength: 1, maxLength: '9007199254740993' },
      kind: { type: 'string', enum: ['a', 'b'] },
      age: { type: ['integer', 'null'], format: 'int32' },
      tags: { type: 'array', items: { type: 'string' }, minItems: 2 },
      any: { anyOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'null' }] },
    },
    required: ['name'],
  });
  expect(Object.keys(schema['properties'] as object)).toEqual(['kind', 'name', 'age', 'tags', 'any']);
});

test('an enum that may be null has null in it', () => {
  expect(fromOpenApiSchema({ type: 'STRING', enum: ['a'], nullable: true })).toEqual({
    type: ['string', 'null'],
    enum: ['a', null],
  });
});

test('a property may be called as a keyword is', () => {
  expect(fromOpenApiSchema({ type: 'OBJECT', properties: { nullable: { type: 'STRING' } } })).toEqual({
    type: 'object',
    properties: { nullable: { type: 'string' } },
  });
});
