import { describe, expect, test } from 'vitest';

import { answer, choosing, FORMAT, LOOKAHEAD, SCHEMA, steps, TERMS } from '../../test/support/judging.ts';
import { judge, type Judgement, type ValidationSteps } from './run.ts';
import { fail, pass, type Validator } from './validator.ts';

describe('recovery', () => {
  const FENCED = '```json\n{"name":"x"}\n```';
  const asked = (text: string, changes: Partial<typeof TERMS> = {}, route = choosing()): Judgement =>
    judge(answer({ text }), FORMAT, route, steps(), { ...TERMS, ...changes });

  test.each<[string, string, number]>([
    ['JSON as it is', '{"name":"x"}', 0],
    ['a fence', FENCED, 1],
    ['reasoning', '<think>{"name":"draft"}</think>{"name":"x"}', 1],
    ['control characters', '{"name":"a\nb"}', 2],
    ['a trailing comma', '{"name":"x",}', 3],
  ])('of %s gives JSON, its level and its mark', (_name, text, level) => {
    const judgement = asked(text);
    expect(judgement).toMatchObject({ accepted: true, parseLevel: level });
    expect(judgement.validation.status).toBe(level === 0 ? 'passed' : 'repaired');
    expect(judgement.edits).toEqual(level === 0 ? [] : [{ from: text, to: judgement.answer.text }]);
    expect(steps().schemas.check(judgement.answer.text ?? '', SCHEMA).outcome).toBe('pass');
  });

  test('leaves the answer the very same where there is nothing to recover', () => {
    const whole = answer({});
    expect(judge(whole, FORMAT, null, steps(), TERMS).answer).toBe(whole);
  });

  /** Whether repaired JSON that the schema does not accept is kept from the client. */
  const keepsWhatTheSchemaForbids = (own: ValidationSteps): boolean =>
    !judge(answer({ text: "```\n{'title': 'x',}\n```" }), FORMAT, null, own, TERMS).accepted;

  test('is followed by the original schema', () => {
    expect(keepsWhatTheSchemaForbids(steps())).toBe(true);
  });

  test('is followed by it for a reason: without that check the other test would fail', () => {
    const parsesOnly: Validator = {
      id: 'json_schema',
      checkOptions: () => null,
      check: ({ json }) => ('problem' in json() ? fail('json_schema', 'no JSON') : pass('json_schema')),
    };
    expect(keepsWhatTheSchemaForbids(steps(parsesOnly))).toBe(false);
  });

  test.each([
    ['once content has gone out', asked(FENCED, { mayRewrite: false })],
    ['where the route says so', asked(FENCED, {}, { ...choosing(), invalid: ['next', 'fail'] })],
  ])('is only noted %s', (_name, judgement) => {
    expect(judgement).toMatchObject({ accepted: false, parseLevel: 1, edits: [], validation: { status: 'failed' } });
    expect(judgement.reason).toBe('json_schema: the answer is not JSON: it would have to be repaired');
    expect(judgement.answer.text).toBe(FENCED);
  });

  test.each<[string, string]>([
    ['two values', '{"name":"x"} {"name":"y"}'],
    ['a value that never ends', '{"name":"x"'],
    ['no value', 'Sure!'],
    ['white space', '  \n '],
  ])('refuses %s', (_name, text) => {
    expect(asked(text)).toMatchObject({ accepted: false, parseLevel: null, validation: { status: 'failed' } });
  });

  test('does not guess where the schema cannot be checked', () => {
    const loose = (text: string): string => judge(answer({ text }), LOOKAHEAD, null, steps(), TERMS).validation.status;
    expect(loose('```\n{"a":1}\n```')).toBe('unverified');
    expect(loose('{"a":1,}')).toBe('failed');
  });

  test('never touches an answer that its cap has cut', () => {
    const cut = answer({ text: '```json\n{"name":"x"}\n```', finishReason: 'length', finishNative: 'length' });
    const judgement = judge(cut, FORMAT, null, steps(), TERMS);
    expect(judgement).toMatchObject({ accepted: true, edits: [], validation: { status: 'failed' } });
  });

  test('knows the model whose reasoning tag is opened by its prompt', () => {
    const text = 'First {"name":"draft"}.\n</think>\n{"name":"x"}';
    expect(asked(text).accepted).toBe(false);
    expect(asked(text, { modelId: 'deepseek-ai/DeepSeek-R1' }).answer.text).toBe('{"name":"x"}');
  });
});

describe('several answers', () => {
  const {
    model: _model,
    alternatives: _none,
    embeddings: _vectors,
    usage: _usage,
    native: _native,
    flags: _flags,
    ...one
  } = answer({});

  test('are all judged, and all recovered', () => {
    const several = answer({ alternatives: [{ ...one, text: '```\n{"name":"y"}\n```' }] });
    const judgement = judge(several, FORMAT, null, steps(), TERMS);
    expect(judgement).toMatchObject({ accepted: true, parseLevel: 1, validation: { status: 'repaired' } });
    expect(judgement.answer.text).toBe('{"name":"x"}');
    expect(judgement.answer.alternatives.map(({ text }) => text)).toEqual(['{"name":"y"}']);
  });

  test('are not accepted when one of them fails', () => {
    const judgement = judge(answer({ alternatives: [{ ...one, text: '{}' }] }), FORMAT, null, steps(), TERMS);
    expect(judgement.accepted).toBe(false);
    expect(judgement.validation.verdicts.map(({ outcome }) => outcome)).toEqual(['pass', 'fail']);
    expect(judgement.reason).toContain('choices[1]: ');
  });
});
