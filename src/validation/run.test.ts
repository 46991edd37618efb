import { describe, expect, test } from 'vitest';

import { answer, asking, choosing, FORMAT, LOOKAHEAD, PLAIN, steps, TERMS } from '../../test/support/judging.ts';
import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { JsonObject } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { checkRequestSchema, judge } from './run.ts';
import { abstain, fail, pass, type Validator } from './validator.ts';

const OBJECT = asking({ type: 'json_object' });
const CALL = { id: 'c', name: 'f', arguments: '{}' };

/** A validator that gives this verdict, or throws. */
function scripted(give: () => Verdict): Validator {
  return { id: 'scripted', checkOptions: () => null, check: give };
}

const refused = { text: null, refusal: 'no', finishReason: 'content_filter', finishNative: 'refusal' } as const;

describe('the client’s own format', () => {
  test.each<[string, ChatRequest, Partial<Answer>, string, boolean]>([
    ['no format', PLAIN, {}, 'none', true],
    ['text', asking({ type: 'text' }), {}, 'none', true],
    ['a valid answer', FORMAT, {}, 'passed', true],
    ['an invalid one', FORMAT, { text: '{}' }, 'failed', false],
    ['prose', FORMAT, { text: 'Sure!' }, 'failed', false],
    ['no text at all', FORMAT, { text: null }, 'failed', false],
    ['any object', OBJECT, { text: '{}' }, 'passed', true],
    ['an array for an object', OBJECT, { text: '[]' }, 'failed', false],
    ['a schema that cannot be judged', LOOKAHEAD, { text: '"a"' }, 'unverified', true],
    ['tool calls instead of text', FORMAT, { text: null, toolCalls: [CALL], finishReason: 'tool_calls' }, 'none', true],
    ['the client’s own cap', FORMAT, { text: '{"na', finishReason: 'length', finishNative: 'length' }, 'failed', true],
    ['a refusal', FORMAT, refused, 'unverified', true],
  ])('%s', async (_name, request, changes, status, accepted) => {
    const judgement = await judge(answer(changes), request, null, steps(), TERMS);
    expect(judgement.validation.status).toBe(status);
    expect(judgement.accepted).toBe(accepted);
    expect(judgement.rejected === null).toBe(accepted);
  });
});

describe('a route’s validators', () => {
  test.each<[string, readonly string[], Partial<Answer>, string, boolean]>([
    ['that pass', ['json_schema', 'truncation', 'refusal'], {}, 'passed', true],
    ['one that fails', ['json_schema', 'truncation'], { text: '{}' }, 'failed', false],
    ['a cut answer', ['truncation'], { finishReason: 'length' }, 'failed', false],
    ['a cut answer that claims to be whole', ['truncation'], { text: '{"name": "x", "t' }, 'failed', false],
    ['one cut in its fence', ['truncation'], { text: '```json\n[{"a": 1},' }, 'failed', false],
    ['prose with a brace', ['truncation'], { text: 'Write { to begin a block' }, 'passed', true],
    ['a refused answer', ['refusal'], refused, 'failed', false],
    ['a refusal that stopped by itself', ['refusal'], { text: null, refusal: 'no' }, 'failed', false],
    ['one that abstains', ['json_schema'], { text: null, toolCalls: [CALL] }, 'unverified', false],
    ['one that does not exist', ['nonesuch'], {}, 'failed', false],
  ])('%s', async (_name, ids, changes, status, accepted) => {
    const judgement = await judge(answer(changes), PLAIN, choosing(...ids), steps(), TERMS);
    expect(judgement.validation.status).toBe(status);
    expect(judgement.accepted).toBe(accepted);
    expect(judgement.validation.verdicts).toHaveLength(ids.length);
  });

  test.each<[string, () => Verdict, string, boolean]>([
    ['pass', () => pass('scripted'), 'passed', true],
    ['fail', () => fail('scripted', 'bad'), 'failed', false],
    ['abstain', () => abstain('scripted', 'cannot tell'), 'unverified', false],
    [
      'throw an error',
      (): Verdict => {
        throw new Error('broken');
      },
      'unverified',
      false,
    ],
    [
      'throw anything',
      (): Verdict => {
        throw new TypeError();
      },
      'unverified',
      false,
    ],
  ])('may %s', async (_name, give, status, accepted) => {
    const judgement = await judge(answer({}), PLAIN, choosing('scripted'), steps(scripted(give)), TERMS);
    expect(judgement.validation.status).toBe(status);
    expect(judgement.accepted).toBe(accepted);
  });

  test('that throw never pass, also beside others that do', async () => {
    const broken = scripted(() => {
      throw new Error('broken');
    });
    const judgement = await judge(
      answer({}),
      FORMAT,
      choosing('truncation', 'scripted', 'refusal'),
      steps(broken),
      TERMS,
    );
    expect(judgement.validation.verdicts.map((verdict) => verdict.outcome)).toEqual([
      'pass',
      'pass',
      'abstain',
      'pass',
    ]);
    expect(judgement.accepted).toBe(false);
    expect(judgement.validation.verdicts[2]?.reason).toContain('broken');
  });
});

const LARGE: JsonObject = { enum: Array.from({ length: 2000 }, (_, index) => index) };

describe('a request’s own schema', () => {
  test('is refused when it is wrong, with its place', async () => {
    const request = asking({ type: 'json_schema', json_schema: { name: 'n', schema: { type: 'objekt' } } });
    expect(() => checkRequestSchema(request, steps())).toThrow(
      expect.objectContaining({ code: 'invalid_schema', status: 400, param: 'response_format.json_schema.schema' }),
    );
  });

  test('is named as the client’s dialect names it', async () => {
    const request = asking({ type: 'json_schema', json_schema: { name: 'n', schema: { type: 'objekt' } } });
    const parameterPaths = { 'response_format.json_schema': 'output_config.format' };
    expect(() => checkRequestSchema({ ...request, parameterPaths }, steps())).toThrow(
      expect.objectContaining({
        param: 'output_config.format.schema',
        message: expect.stringContaining('the schema `output_config.format.schema`') as unknown,
      }),
    );
  });

  test.each<[string, JsonObject]>([
    ['a pattern that is none', { type: 'string', pattern: '(' }],
    ['a promise of a verdict', { $async: true, type: 'object' }],
  ])('is refused for %s', async (_name, schema) => {
    const request = asking({ type: 'json_schema', json_schema: { name: 'n', schema } });
    expect(() => checkRequestSchema(request, steps())).toThrow(expect.objectContaining({ code: 'invalid_schema' }));
  });

  test.each<[string, ChatRequest]>([
    ['right', FORMAT],
    ['absent', PLAIN],
    ['left undecided for its look-ahead', LOOKAHEAD],
    ['larger than Candor checks', asking({ type: 'json_schema', json_schema: { name: 'n', schema: LARGE } })],
    ['none, though a schema was announced', asking({ type: 'json_schema', json_schema: { name: 'n' } as JsonObject })],
  ])('is let through when it is %s', async (_name, request) => {
    expect(() => checkRequestSchema(request, steps())).not.toThrow();
  });
});
