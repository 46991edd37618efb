import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../../core/json.ts';
import { randomFrom } from '../random.ts';
import { findFacts } from './facts.ts';
import { fillSchema } from './schema-fill.ts';

const INVOICE =
  'Invoice no. INV-2041 from Nordwind Supplies GmbH to Anna Berg, dated 12 March 2026. Items: 3 chairs at 80.00 EUR, 2 desks at 250.50 EUR. VAT 19%. Total: 741.00 EUR. Contact billing@nordwind.example or https://nordwind.example/pay.';
const REVIEW =
  'The blender broke after two days and support was rude. Rating: 2. I want a refund, not a replacement. Order 7781.';
const TRIP = 'Book a flight from Paris to Berlin on 2026-05-04 at 14:30 for 2 adults. Priority: high. Status: open';
const TEXTS = [
  '',
  'ok',
  INVOICE,
  REVIEW,
  TRIP,
  '请把发票 118 的总额 240 欧元告诉我。',
  '{"broken": [1, 2',
  'a\n\nb: c\n- 1 x\n- 2 y\n',
];

function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false, ...more };
}

const text: JsonObject = { type: 'string' };
const SCHEMAS: Readonly<Record<string, JsonObject>> = {
  plain: object({ number: text, vendor: text, total: { type: 'number' }, currency: text }),
  integers: object({ quantity: { type: 'integer', minimum: 1, maximum: 2 }, year: { type: 'integer' } }),
  exclusiveBounds: object({
    share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    level: { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 2 },
  }),
  multiples: object({
    price: { type: 'number', multipleOf: 0.05 },
    dozen: { type: 'integer', multipleOf: 12, minimum: 13 },
  }),
  enums: object({ status: { enum: ['open', 'closed'] }, code: { enum: [1, 2, 3] }, mixed: { enum: [null, 'a', 1] } }),
  constants: object({ kind: { const: 'invoice' }, version: { const: 2 } }),
  nullableByType: object({ due: { type: ['string', 'null'] }, fee: { type: ['null', 'number'] } }),
  nullableByKeyword: object({ note: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
  formats: object({
    date: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    email: { type: 'string', format: 'email' },
    link: { type: 'string', format: 'uri' },
    id: { type: 'string', format: 'uuid' },
    host: { type: 'string', format: 'ipv4' },
    time: { type: 'string', format: 'time' },
  }),
  lengths: object({ title: { type: 'string', minLength: 5, maxLength: 12 }, note: { type: 'string', maxLength: 3 } }),
  patterns: object({
    code: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
    slug: { type: 'string', pattern: '^(?:a|b)[0-9]+x?$' },
    any: { type: 'string', pattern: '\\w{2,}@[^@]+' },
  }),
  patternWithLength: object({ zip: { type: 'string', pattern: '^\\d{5}$', minLength: 5, maxLength: 5 } }),
  strings: object({
    names: { type: 'array', items: text },
    tags: { type: 'array', items: text, minItems: 2, maxItems: 3, uniqueItems: true },
  }),
  numbers: object({
    amounts: { type: 'array', items: { type: 'number' } },
    ages: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 99 }, minItems: 1 },
  }),
  enumList: object({
    parts: { type: 'array', items: { enum: ['chairs', 'desks', 'lamps'] }, uniqueItems: true, minItems: 1 },
  }),
  lineItems: object({
    items: {
      type: 'array',
      items: object({ name: text, quantity: { type: 'integer' }, unit_price: { type: 'number' } }),
    },
  }),
  minimumItems: object({ rows: { type: 'array', minItems: 4, maxItems: 4, items: object({ label: text }) } }),
  tuple: object({
    pair: { type: 'array', prefixItems: [text, { type: 'integer' }], items: false, minItems: 2, maxItems: 2 },
  }),
  references: {
    ...object({ buyer: { $ref: '#/$defs/party' }, seller: { $ref: '#/$defs/party' } }),
    $defs: {
      party: object({ name: text, email: { $ref: '#/$defs/mail' } }),
      mail: { type: ['string', 'null'], format: 'email' },
    },
  },
  recursive: {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { value: text, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        required: ['value'],
        additionalProperties: false,
      },
    },
  },
  linkedList: {
    ...object({ head: { $ref: '#/$defs/cell' } }),
    $defs: {
      cell: object({ value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/cell' }, { type: 'null' }] } }),
    },
  },
  definitions: {
    ...object({ place: { $ref: '#/definitions/place' } }),
    definitions: { place: object({ city: text, country: text }) },
  },
  union: object({
    payment: {
      oneOf: [
        object({ type: { const: 'card' }, last4: { type: 'string', pattern: '^\\d{4}$' } }),
        object({ type: { const: 'transfer' }, iban: text }),
      ],
    },
  }),
  everything: {
    allOf: [
      object({ id: text }, { additionalProperties: true }),
      { type: 'object', properties: { total: { type: 'number', minimum: 1 } }, required: ['total'] },
    ],
  },
  map: { type: 'object', additionalProperties: { type: 'string' } },
  numberMap: { type: 'object', additionalProperties: { type: 'number' }, minProperties: 1 },
  openObject: { type: 'object' },
  booleans: object({ wants_refund: { type: 'boolean' }, wants_replacement: { type: 'boolean' } }),
  deep: object({ a: object({ b: object({ c: object({ d: object({ e: text }) }) }) }) }),
  optional: {
    type: 'object',
    properties: { email: text, phone: text, total: { type: 'number' } },
    additionalProperties: false,
  },
  requiredUndeclared: { type: 'object', required: ['anything'], properties: {} },
  topArray: { type: 'array', items: object({ sentence: text }), minItems: 1 },
  scores: object({
    confidence: { type: 'number', minimum: 0, maximum: 1 },
    sentiment: { enum: ['positive', 'negative', 'neutral'] },
  }),
  untyped: { properties: { summary: {}, count: { minimum: 3 } }, required: ['summary', 'count'] },
  prose: object({ summary: text, title: text, key_points: { type: 'array', items: text, minItems: 1, maxItems: 2 } }),
};

function fill(schema: JsonObject, from: string): JsonValue {
  return fillSchema(schema, { facts: findFacts(from), random: randomFrom('test'), prose: () => from });
}

function validator(schema: JsonObject): (value: JsonValue) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? null : `${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`);
}

describe('the answer is valid, whatever the text', () => {
  test.each(Object.keys(SCHEMAS))('%s', (name) => {
    const schema = SCHEMAS[name]!;
    const problemOf = validator(schema);
    for (const from of TEXTS) expect(problemOf(fill(schema, from)), from).toBeNull();
  });

  test('there are at least thirty of them', () => {
    expect(Object.keys(SCHEMAS).length).toBeGreaterThanOrEqual(30);
  });
});

test.each<readonly [string, JsonObject]>([
  ['a pattern that backtracks', { type: 'string', pattern: '^(a+)+$' }],
  ['a pattern of a long text', { type: 'string', pattern: '^(?:a{999}){999}$' }],
  ['a pattern of a longer text', { type: 'string', pattern: '((((a{99}){99}){99}){99})' }],
  ['a pattern beyond the engine', { type: 'string', pattern: '^(?=a)a+$' }],
  ['a long text', { type: 'string', minLength: 400_000_000 }],
  ['a long list', { type: 'array', items: text, minItems: 100_000_000 }],
  ['a long list of different texts', { type: 'array', items: text, minItems: 100_000_000, uniqueItems: true }],
  ['lists of lists', [1, 2, 3, 4].reduce((items: JsonObject) => ({ type: 'array', items, minItems: 5000 }), text)],
  ['many members', { type: 'object', additionalProperties: text, minProperties: 100_000_000 }],
])('%s is no work without end', (_what, schema) => {
  const startedMs = performance.now();
  const answer = fill(object({ code: schema }), `code is ${'a'.repeat(50)}!`);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(JSON.stringify(answer).length).toBeLessThan(2_000_000);
});

describe('the answer is true to the text', () => {
  test('an invoice', () => {
    const schema = object({
      invoice_number: text,
      vendor: text,
      customer: text,
      date: { type: 'string', format: 'date' },
      total: { type: 'number' },
      vat_percent: { type: 'number' },
      currency: { enum: ['USD', 'EUR'] },
      contact_email: text,
      items: {
        type: 'array',
        items: object({ name: text, quantity: { type: 'integer' }, unit_price: { type: 'number' } }),
      },
    });
    expect(fill(schema, INVOICE)).toEqual({
      invoice_number: 'INV-2041',
      vendor: 'Nordwind Supplies GmbH',
      customer: 'Anna Berg',
      date: '2026-03-12',
      total: 741,
      vat_percent: 19,
      currency: 'EUR',
      contact_email: 'billing@nordwind.example',
      items: [
        { name: 'chairs', quantity: 3, unit_price: 80 },
        { name: 'desks', quantity: 2, unit_price: 250.5 },
      ],
    });
  });

  test('the shortest of invoices: what is not said is empty', () => {
    expect(fill(SCHEMAS['plain']!, 'Invoice 118 from 3 chairs, 240 EUR')).toEqual({
      number: '118',
      vendor: '',
      total: 240,
      currency: 'EUR',
    });
  });

  test('a review', () => {
    expect(fill(SCHEMAS['booleans']!, REVIEW)).toMatchObject({ wants_refund: false, wants_replacement: false });
    expect(
      fill(
        object({ sentiment: { enum: ['positive', 'negative'] }, rating: { type: 'integer' }, order_id: text }),
        REVIEW,
      ),
    ).toEqual({
      sentiment: 'negative',
      rating: 2,
      order_id: '7781',
    });
  });

  test('a trip', () => {
    expect(
      fill(
        object({
          origin: text,
          destination: text,
          date: text,
          time: text,
          adults: { type: 'integer' },
          priority: { enum: ['low', 'high'] },
        }),
        TRIP,
      ),
    ).toEqual({
      origin: 'Paris',
      destination: 'Berlin',
      date: '2026-05-04',
      time: '14:30',
      adults: 2,
      priority: 'high',
    });
  });

  test.each([
    ['1,234.50 EUR', 1234.5],
    ['1.234,50 EUR', 1234.5],
    ['12,50 EUR', 12.5],
    ['€ 99', 99],
    ['99 euros', 99],
    ["1'000 CHF", 1000],
  ])('the number in %s', (amount, value) => {
    expect(fill(object({ total: { type: 'number' } }), `The total is ${amount}.`)).toEqual({ total: value });
  });

  test('what is optional and not said is left out; what may be null and is not said is null', () => {
    expect(fill(SCHEMAS['optional']!, 'nothing of the kind')).toEqual({});
    expect(fill(SCHEMAS['nullableByType']!, 'nothing of the kind')).toEqual({ due: null, fee: null });
  });
});
