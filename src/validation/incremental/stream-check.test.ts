import { expect, test } from 'vitest';

import type { AnswerPart } from '../../core/answer.ts';
import { asking, choosing, FORMAT, PLAIN, SCHEMA } from '../../../test/support/judging.ts';
import { SchemaChecker } from '../schema-checker.ts';
import { StreamCheck, streamedOutlines } from './stream-check.ts';

const schemas = new SchemaChecker();

function text(written: string, choice = 0): AnswerPart {
  return { type: 'text', text: written, choice };
}

function check(): StreamCheck {
  return new StreamCheck(streamedOutlines(FORMAT, null, schemas), false);
}

test('the schemas are the client’s and the route’s, as far as anything can be checked against them', () => {
  expect(streamedOutlines(FORMAT, null, schemas)).toHaveLength(1);
  expect(streamedOutlines(FORMAT, choosing('json_schema', 'truncation'), schemas)).toHaveLength(2);
  expect(streamedOutlines(PLAIN, choosing('json_schema'), schemas)).toHaveLength(1);
  expect(streamedOutlines(PLAIN, choosing('truncation'), schemas)).toEqual([]);
  expect(streamedOutlines(asking({ type: 'json_object' }), null, schemas)).toEqual([]);
  const beyond = { type: 'json_schema', json_schema: { name: 'n', schema: { pattern: '(?=a)a' } } };
  expect(streamedOutlines(asking(beyond), null, schemas)).toEqual([]);
  expect(schemas.outlineOf(SCHEMA)).toBe(schemas.outlineOf({ ...SCHEMA }));
});

test('the client’s own applies to no text beside which tools may be called', () => {
  const tools = [{ name: 'look_up', description: null, parameters: {}, strict: null }] as never;
  expect(streamedOutlines({ ...FORMAT, tools }, choosing('json_schema'), schemas)).toHaveLength(1);
  expect(streamedOutlines({ ...FORMAT, tools, toolChoice: { mode: 'none' } }, null, schemas)).toHaveLength(1);
});

test('a text that only a repair could make right is known to be such, until it begins anew', () => {
  const stream = check();
  expect(stream.take([text('{"name":')], true)).toBeNull();
  expect(stream.needsRepair).toBe(false);
  expect(stream.take([text('"x",,')], true)).toBeNull();
  expect(stream.needsRepair).toBe(true);
  expect(stream.take([{ type: 'restart' }, text('{')], true)).toBeNull();
  expect(stream.needsRepair).toBe(false);
});

test('each answer of several is one of its own', () => {
  const stream = check();
  expect(stream.take([text('{"name"'), text('{"other"', 1)], false)).toBeNull();
  expect(stream.take([text(':1}')], false)).toBeNull();
  expect(stream.take([text(':1}', 1)], false)).toEqual({
    validator: 'json_schema',
    outcome: 'fail',
    reason: 'choices[1]: a member that the schema requires is missing',
    place: 'text:10',
  });
});

test.each<[string, AnswerPart]>([
  ['its cap cut', { type: 'finish', reason: 'length', native: 'length' }],
  ['its vendor stopped', { type: 'finish', reason: 'content_filter', native: 'SAFETY' }],
  ['refused', { type: 'refusal', text: 'No.' }],
])('what %s is judged by that and not by its format', (_name, part) => {
  const stream = check();
  expect(stream.take([text('{}'), part], false)).toBeNull();
  expect(stream.take([text('{}')], false)).toBeNull();
  expect(check().take([text('{}'), { type: 'refusal', text: '' }], false)).not.toBeNull();
});

test('an answer that its vendor begins anew is judged anew', () => {
  const stream = check();
  expect(stream.take([text('{"name":')], false)).toBeNull();
  expect(stream.take([{ type: 'restart' }, text('{"name":"x"}')], false)).toBeNull();
  expect(stream.take([text('}')], false)).toMatchObject({ place: 'text:12' });
});
