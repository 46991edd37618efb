import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { SchemaChecker } from '../schema-checker.ts';
import { toolArguments } from './tool-arguments.ts';

const validator = toolArguments(new SchemaChecker());
const WEATHER = {
  name: 'weather',
  parameters: {
    type: 'object',
    properties: {
      place: { type: 'string' },
      unit: { enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer' },
      query: { type: 'string' },
    },
    required: ['place'],
    additionalProperties: false,
  },
};
const TOOLS = [
  { type: 'function', function: WEATHER },
  { type: 'function', function: { name: 'now' } },
  { type: 'custom', custom: { name: 'sql' } },
];
const MESSAGES: readonly JsonObject[] = [
  { role: 'system', content: 'You are in Köln.' },
  { role: 'user', content: 'How is the weather in  São   Paulo?' },
  { role: 'assistant', content: 'Or do you mean Santos?', tool_calls: [call('now', '{}', 'c0')] },
  { role: 'tool', tool_call_id: 'c0', content: 'Airport: Guarulhos' },
];

function call(name: string, text: string, id = 'c1'): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } };
}

interface Called {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly kind?: 'custom';
}

function check(toolCalls: readonly Called[], options: JsonValue = null): Verdict {
  return validator.check(
    subjectOf({ text: null, toolCalls }, { messages: MESSAGES, tools: TOOLS }),
    options,
  ) as Verdict;
}

function weather(value: JsonValue): Called {
  return { id: 'c1', name: 'weather', arguments: JSON.stringify(value) };
}

test('calls as their tools declare them pass', () => {
  const calls: readonly Called[] = [
    weather({ place: 'Rome', unit: 'celsius', days: 2 }),
    { id: 'c2', name: 'now', arguments: '' },
    { id: 'c3', name: 'sql', arguments: 'SELECT 1', kind: 'custom' },
  ];
  expect(check(calls)).toEqual({ validator: 'tool_arguments', outcome: 'pass', reason: null });
  expect(check([]).outcome).toBe('pass');
});

test.each<[string, readonly Called[], string, string]>([
  [
    'of a wrong type',
    [weather({ place: 7 })],
    'tool_calls[0].arguments/place',
    'the arguments of weather: /place must be string',
  ],
  [
    'of no declared value',
    [weather({ place: 'Rome', unit: 'kelvin' })],
    'tool_calls[0].arguments/unit',
    'allowed values',
  ],
  ['that miss one', [weather({})], 'tool_calls[0].arguments', "must have required property 'place'"],
  [
    'that are not there',
    [{ id: 'c1', name: 'weather', arguments: '' }],
    'tool_calls[0].arguments',
    'required property',
  ],
  ['that are not JSON', [{ id: 'c1', name: 'weather', arguments: '{"pl' }], 'tool_calls[0].arguments', 'are not JSON'],
  [
    'of a tool that is not declared',
    [{ id: 'c1', name: 'wether', arguments: '{}' }],
    'tool_calls[0]',
    'does not declare',
  ],
  [
    'with one id for two',
    [weather({ place: 'Rome' }), weather({ place: 'Oslo' })],
    'tool_calls[1].id',
    'no ids of their own',
  ],
  ['without an id', [{ ...weather({ place: 'Rome' }), id: '' }], 'tool_calls[0].id', 'no ids of their own'],
])('arguments %s fail', (_name, calls, place, reason) => {
  expect(check(calls)).toMatchObject({ outcome: 'fail', place, reason: expect.stringContaining(reason) as string });
});

describe('with `echo`', () => {
  test.each<[string, JsonValue]>([
    ['what the user wrote, in another spelling', { place: 'sao paulo' }],
    ['what the system said', { place: 'Koln' }],
    ['what a tool said', { place: 'Guarulhos' }],
    ['what the schema names', { place: 'São Paulo', unit: 'fahrenheit' }],
    ['what is too short to tell', { place: 'Rio' }],
  ])('%s passes', (_name, value) => {
    expect(check([weather(value)], { echo: true }).outcome).toBe('pass');
  });

  test.each<[string, string]>([
    ['what nobody said', 'Lisbon'],
    ['what the model alone had said', 'Santos'],
  ])('%s fails', (_name, place) => {
    expect(check([weather({ place })], { echo: true })).toMatchObject({
      outcome: 'fail',
      place: 'tool_calls[0].arguments/place',
      evidence: [place],
    });
  });

  test('arguments that are derived may be new', () => {
    const value = { place: 'São Paulo', query: 'rain tomorrow' };
    expect(check([weather(value)], { echo: true }).outcome).toBe('fail');
    expect(check([weather(value)], { echo: { derived: ['query'] } }).outcome).toBe('pass');
  });
});

test.each<[number, JsonValue, Verdict['outcome']]>([
  [1, { calls: { min: 1 } }, 'pass'],
  [0, { calls: { min: 1 } }, 'fail'],
  [2, { calls: { max: 1 } }, 'fail'],
  [2, { calls: { min: 2, max: 2 } }, 'pass'],
])('%s calls by %j: %s', (count, options, outcome) => {
  const calls = Array.from({ length: count }, (_, index) => ({ ...weather({ place: 'Rome' }), id: `c${index}` }));
  expect(check(calls, options).outcome).toBe(outcome);
});

test.each<[JsonValue]>([
  ['echo'],
  [{ ehco: true }],
  [{ echo: 'yes' }],
  [{ echo: { derived: 'query' } }],
  [{ calls: 2 }],
  [{ calls: { min: 3, max: 1 } }],
  [{ calls: { min: -1 } }],
  [{ calls: { least: 1 } }],
])('options %j are refused', (options) => {
  expect(validator.checkOptions(options)).toMatch(/takes/);
});
