import { describe, expect, test } from 'vitest';

import { fitOpenApiSchema } from '../../src/providers/google/schema-subset.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Route } from '../../src/core/route.ts';
import { planned, type Planned } from '../support/planned-request.ts';

const STRICT: Partial<Route> = { strict: true };
const CLAUDE = 'anthropic/claude-opus-4-8';
const GEMINI = 'google/gemini-2.5-flash';
const SCHEMA = 'response_format.json_schema.schema';

function ask(schema: JsonObject): JsonObject {
  const format = { type: 'json_schema', json_schema: { name: 'invoice', schema } };
  return { model: 'task', messages: [{ role: 'user', content: 'Hi' }], response_format: format };
}

function closed(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false, ...more };
}

/** The schema as the vendor received it, without the name that becomes its title. */
function schemaAt(result: Planned): JsonValue | undefined {
  if (!('sent' in result)) throw new Error(`refused: ${result.refused} ${result.param}`);
  const config = (result.sent['generationConfig'] ?? {}) as JsonObject;
  const output = (result.sent['output_config'] ?? {}) as { readonly format?: { readonly schema: JsonObject } };
  const sent = (config['responseJsonSchema'] ?? config['responseSchema'] ?? output.format?.schema) as
    | JsonObject
    | undefined;
  if (sent === undefined) return undefined;
  const { title, ...rest } = sent;
  expect(title).toBe('invoice');
  return rest;
}

function saidOf(result: Planned): readonly string[] {
  if (!('said' in result)) throw new Error(`refused: ${result.refused} ${result.param}`);
  return result.said.filter((each) => !each.startsWith('defaulted max_tokens'));
}

describe('trap 51', () => {
  const nullable = closed({ a: { type: ['string', 'null'] }, b: { const: 'x' } });
  test('trap 51: null among the types, and a constant', () => {
    const result = planned(GEMINI, ask(nullable), STRICT);
    expect(schemaAt(result)).toEqual(closed({ a: { type: ['string', 'null'] }, b: { enum: ['x'] } }));
    expect(saidOf(result)).toEqual([]);
  });

  test('trap 51: the older form of Gemini 2.0 says nullable', () => {
    const result = planned('google/gemini-2.0-flash', ask(nullable));
    expect(schemaAt(result)).toEqual({
      type: 'object',
      properties: { a: { type: 'string', nullable: true }, b: { enum: ['x'] } },
      required: ['a', 'b'],
      description: '{additionalProperties: false}',
    });
    expect(saidOf(result)).toEqual([
      `dropped ${SCHEMA}.additionalProperties null`,
      `rewritten ${SCHEMA}.description "{additionalProperties: false}"`,
    ]);
  });

  test('trap 51: what only looks like a type stays', () => {
    const data = { type: 'object', properties: { type: { type: 'string' } }, default: { type: ['a', 'null'] } };
    expect(fitOpenApiSchema(data).schema).toEqual(data);
  });
});

describe('trap 52', () => {
  const tree = {
    $defs: {
      Tree: closed({ value: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } }),
    },
    $ref: '#/$defs/Tree',
  };
  test('trap 52: a schema that refers to itself', () => {
    expect(schemaAt(planned(GEMINI, ask(tree), STRICT))).toEqual(tree);
    expect(planned('openai/gpt-4o', ask(tree), STRICT)).toMatchObject({
      sent: { response_format: ask(tree)['response_format'] },
    });
    const claude = planned(CLAUDE, ask(tree));
    expect(schemaAt(claude)).toBeUndefined();
    expect(JSON.stringify(claude)).toContain('"system":[{"type":"text","text":"Answer with one JSON object');
    expect(saidOf(claude)).toEqual(['emulated response_format null']);
    expect(planned(CLAUDE, ask(tree), STRICT)).toEqual({
      refused: '400 unsupported_parameter',
      param: `${SCHEMA}.$ref`,
      reasons: expect.arrayContaining([`json_schema ${SCHEMA}.$ref`]) as unknown,
    });
  });

  test('trap 52: references that end pass', () => {
    const leaf = {
      $defs: { Leaf: closed({ value: { type: 'string' } }) },
      ...closed({ left: { $ref: '#/$defs/Leaf' }, right: { $ref: '#/$defs/Leaf' } }),
    };
    const result = planned(CLAUDE, ask(leaf), STRICT);
    expect(schemaAt(result)).toEqual(leaf);
    expect(saidOf(result)).toEqual([]);
  });

  test.each<[string, JsonObject, string]>([
    ['one that leads nowhere', closed({ a: { $ref: '#/$defs/None' } }), '.properties.a.$ref'],
    ['one that leads outside', closed({ a: { $ref: 'https://schemas.example/a' } }), '.properties.a.$ref'],
    [
      'one through another',
      {
        $defs: { A: closed({ b: { $ref: '#/$defs/B' } }), B: closed({ a: { $ref: '#/$defs/A' } }) },
        ...closed({ a: { $ref: '#/$defs/A' } }),
      },
      '.$defs.A.properties.b.$ref',
    ],
  ])('trap 52: a reference: %s', (_name, schema, path) => {
    expect(planned(CLAUDE, ask(schema), STRICT)).toMatchObject({ param: SCHEMA + path });
  });
});

describe('trap 53', () => {
  test.each<[string, JsonObject, string]>([
    ['a map', { type: 'object', additionalProperties: { type: 'number' } }, '.additionalProperties'],
    ['any object', { type: 'object' }, '.additionalProperties'],
    [
      'a map within',
      closed({ scores: { type: 'object', additionalProperties: { type: 'number' } } }),
      '.properties.scores.additionalProperties',
    ],
    ['names by a pattern', closed({}, { patternProperties: { '^x': {} } }), '.patternProperties'],
    [
      'too many members that may be missing',
      {
        ...closed(Object.fromEntries('abcdefghijk'.split('').map((name) => [name, { type: 'string' }]))),
        required: [],
      },
      '.properties',
    ],
  ])('trap 53: %s is not for Claude’s own output', (_name, schema, path) => {
    const result = planned(CLAUDE, ask(schema));
    expect(schemaAt(result)).toBeUndefined();
    expect(saidOf(result)).toEqual(['emulated response_format null']);
    expect(planned(CLAUDE, ask(schema), STRICT)).toMatchObject({
      refused: '400 unsupported_parameter',
      param: SCHEMA + path,
    });
  });

  test('trap 53: an object that is not closed is, and said to be', () => {
    const { additionalProperties: _, ...open } = closed({ a: { type: 'string' } });
    const result = planned(CLAUDE, ask(open));
    expect(schemaAt(result)).toEqual(closed({ a: { type: 'string' } }));
    expect(saidOf(result)).toEqual([`rewritten ${SCHEMA}.additionalProperties false`]);
  });
});

describe('trap 54', () => {
  const limited = closed({
    age: { type: 'integer', description: 'In years', minimum: 0 },
    code: { type: 'string', pattern: '^[A-Z]+$', format: 'uuid' },
    tags: { type: 'array', items: { type: 'string' }, minItems: 3 },
  });
  test('trap 54: what Claude does not enforce is told in descriptions', () => {
    const result = planned(CLAUDE, ask(limited));
    expect(schemaAt(result)).toEqual(
      closed({
        age: { type: 'integer', description: 'In years\n\n{minimum: 0}' },
        code: { type: 'string', format: 'uuid', description: '{pattern: "^[A-Z]+$"}' },
        tags: { type: 'array', items: { type: 'string' }, description: '{minItems: 3}' },
      }),
    );
    expect(saidOf(result)).toEqual([
      `dropped ${SCHEMA}.properties.age.minimum null`,
      `rewritten ${SCHEMA}.properties.age.description "In years\\n\\n{minimum: 0}"`,
      `dropped ${SCHEMA}.properties.code.pattern null`,
      `rewritten ${SCHEMA}.properties.code.description "{pattern: \\"^[A-Z]+$\\"}"`,
      `dropped ${SCHEMA}.properties.tags.minItems null`,
      `rewritten ${SCHEMA}.properties.tags.description "{minItems: 3}"`,
    ]);
    expect(planned(CLAUDE, ask(limited), STRICT)).toMatchObject({ param: `${SCHEMA}.properties.age.minimum` });
  });

  test('trap 54: Gemini enforces more, and a choice of one among several less', () => {
    const chosen = closed({ a: { oneOf: [{ type: 'string' }, { type: 'integer', minimum: 3 }] } });
    const result = planned(GEMINI, ask(chosen));
    expect(schemaAt(result)).toEqual(closed({ a: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 3 }] } }));
    expect(saidOf(result)).toEqual([`dropped ${SCHEMA}.properties.a.oneOf null`]);
    expect(saidOf(planned(GEMINI, ask(closed({ a: { type: 'string', pattern: 'x' } }))))).toEqual([
      `dropped ${SCHEMA}.properties.a.pattern null`,
      `rewritten ${SCHEMA}.properties.a.description "{pattern: \\"x\\"}"`,
    ]);
  });

  test('trap 54: a strict tool whose schema Claude would not enforce leaves it out', () => {
    const declared = { name: 'f', strict: true, parameters: closed({ age: { type: 'integer', minimum: 0 } }) };
    const request = {
      model: 'task',
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ type: 'function', function: declared }],
    };
    expect(planned(CLAUDE, request)).toMatchObject({
      param: 'tools[0].function.parameters.properties.age.minimum',
    });
    expect(planned('openai/gpt-4o', request)).toMatchObject({ sent: { tools: request.tools } });
  });
});

test('trap 55: a schema for DeepSeek is a JSON object, asked for in the prompt with the word', () => {
  const schema = closed({ a: { type: 'string' } });
  const result = planned('deepseek/deepseek-chat', ask(schema));
  expect(result).toMatchObject({
    sent: {
      response_format: { type: 'json_object' },
      messages: [{ role: 'system', content: expect.stringContaining(JSON.stringify(schema)) as unknown }, {}],
    },
  });
  expect(JSON.stringify(result)).toContain('Answer with one JSON object');
  expect(saidOf(result)).toEqual(['emulated response_format "json_object"']);
  expect(planned('deepseek/deepseek-chat', ask(schema), STRICT)).toMatchObject({ param: 'response_format' });
  const object = {
    model: 'task',
    messages: [{ role: 'user', content: 'Hi' }],
    response_format: { type: 'json_object' },
  };
  expect(planned('deepseek/deepseek-chat', object)).toMatchObject({
    sent: { messages: [{ role: 'system', content: 'Answer in JSON.' }, {}] },
    said: ['rewritten messages "Answer in JSON."'],
  });
});
