import { describe, expect, test } from 'vitest';

import type { Capabilities } from '../core/capabilities.ts';
import type { ResponseFormat } from '../core/chat.ts';
import { planFormat } from './emulation.ts';

type Has = readonly ('json_object' | 'json_schema')[];

function capabilities(has: Has, acceptsSchema: Capabilities['acceptsSchema'] = () => true): Capabilities {
  return {
    protocol: 'openai-chat',
    features: new Set(has),
    emulates: new Set(['json_object', 'json_schema']),
    acceptsSchema,
    hints: {},
    exclusiveHints: [],
    defaultOutputTokens: null,
    source: 'test',
  };
}

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };
const OBJECT: ResponseFormat = { type: 'json_object' };
const FORMAT: ResponseFormat = { type: 'json_schema', name: 'n', description: 'One a.', schema: SCHEMA, strict: null };
const BARE: ResponseFormat = { ...FORMAT, schema: null };

describe('a format', () => {
  test.each<[string, ResponseFormat | null, Has]>([
    ['none', null, []],
    ['text', { type: 'text' }, []],
    ['an object', OBJECT, ['json_object']],
    ['a schema', FORMAT, ['json_schema']],
    ['an announced schema that is not there', BARE, ['json_schema']],
  ])('%s is the vendor’s own where it has it', (_name, asked, has) => {
    expect(planFormat(asked, capabilities(has), 'vendor')).toEqual({
      native: asked,
      instruction: null,
      adjustment: null,
    });
  });

  test.each<[string, ResponseFormat, Has, ResponseFormat | null]>([
    ['an object', OBJECT, [], null],
    ['a schema', FORMAT, [], null],
    ['a schema where objects are had', FORMAT, ['json_object'], OBJECT],
    ['a schema that is not there', BARE, ['json_object'], OBJECT],
  ])('%s is said in the prompt where not', (_name, asked, has, native) => {
    const planned = planFormat(asked, capabilities(has), 'vendor');
    expect(planned.native).toEqual(native);
    expect(planned.instruction).toContain('JSON');
    expect(planned.adjustment).toMatchObject({
      param: 'response_format',
      asked: asked.type,
      sent: native?.type ?? null,
      kind: 'emulated',
      at: 'vendor',
    });
  });

  test('an emulated schema is told whole, with its description', () => {
    const { instruction } = planFormat(FORMAT, capabilities([]), 'vendor');
    expect(instruction).toContain(JSON.stringify(SCHEMA));
    expect(instruction).toContain('One a.');
  });

  test('a schema with numbers that would change is told in the client’s own text', () => {
    const written = '{"type":"object", "maxProperties":9223372036854775807}';
    expect(planFormat(FORMAT, capabilities([]), 'vendor', written).instruction).toContain(written);
  });

  test('a schema that the vendor does not take is emulated, and said to be', () => {
    const picky = capabilities(['json_schema', 'json_object'], (schema) => schema['additionalProperties'] === false);
    expect(planFormat(FORMAT, picky, 'vendor').adjustment?.reason).toContain('does not take this schema');
    expect(
      planFormat({ ...FORMAT, schema: { ...SCHEMA, additionalProperties: false } }, picky, 'vendor').instruction,
    ).toBeNull();
  });

  test('any object is asked of a vendor only if it takes a schema of any object', () => {
    const picky = capabilities(['json_schema'], (schema) => schema['additionalProperties'] === false);
    expect(planFormat(BARE, picky, 'vendor').native).toBeNull();
  });
});
