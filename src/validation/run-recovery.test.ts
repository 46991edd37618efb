import { describe, expect, test } from 'vitest';

import { answer, choosing, FORMAT, LOOKAHEAD, SCHEMA, steps, TERMS } from '../../test/support/judging.ts';
import { judge, type Judgement, type ValidationSteps } from './run.ts';
import { fail, pass, type Validator } from './validator.ts';

describe('recovery', () => {
  const FENCED = '```json\n{"name":"x"}\n```';
  const asked = (text: string, changes: Partial<typeof TERMS> = {}, route = choosing()): Promise<Judgement> =>
    judge(answer({ text }), FORMAT, route, steps(), { ...TERMS, ...changes });

  test.each<[string, string, number]>([
    ['JSON as it is', '{"name":"x"}', 0],
    ['a fence', FENCED, 1],
    ['reasoning', '<think>{"name":"draft"}</think>{"name":"x"}', 1],
    ['control characters', '{"name":"a\nb"}', 2],
    ['a trailing comma', '{"name":"x",}', 3],
  ])('of %s gives JSON, its level and its mark', async (_name, text, level) => {
    const judgement = await asked(text);
    expect(judgement).toMatchObject({ accepted: true, parseLevel: level });
    expect(judgement.validation.status).toBe(level === 0 ? 'passed' : 'repaired');
    expect(judgement.edits).toEqual(level === 0 ? [] : [{ from: text, to: judgement.answer.text }]);
    expect(steps().schemas.check(judgement.answer.text ?? '', SCHEMA).outcome).toBe('pass');
  });

  test('leaves the answer the very same where there is nothing to recover', async () => {
    const whole = answer({});
    expect((await judge(whole, FORMAT, null, steps(), TERMS)).answer).toBe(whole);
  });

  /** Whether repaired JSON that the schema does not accept is kept from the client. */
  const keepsWhatTheSchemaForbids = async (own: ValidationSteps): Promise<boolean> =>
    !(await judge(answer({ text: "```\n{'title': 'x',}\n```" }), FORMAT, null, own, TERMS)).accepted;

  test('is followed by the original schema', async () => {
    expect(await keepsWhatTheSchemaForbids(steps())).toBe(true);
  });

  test('is followed by it for a reason: without that check the other test would fail', async () => {
    const parsesOnly: Validator = {
      id: 'json_schema',
      checkOptions: () => null,
      check: ({ json }) => ('problem' in json() ? fail('json_schema', 'no JSON') : pass('json_schema')),
    };
    expect(await keepsWhatTheSchemaForbids(steps(parsesOnly))).toBe(false);
  });

  test.each([
    ['once content has gone out', () => asked(FENCED, { mayRewrite: false })],
    ['where the route says so', () => asked(FENCED, {}, { ...choosing(), invalid: ['next', 'fail'] })],
  ])('is only noted %s', async (_name, ask) => {
    const judgement = await ask();
    expect(judgement).toMatchObject({ accepted: false, parseLevel: 1, edits: [], validation: { status: 'failed' } });
    expect(judgement.rejected?.reason).toBe('the answer is not JSON: it would have to be repaired');
    expect(judgement.answer.text).toBe(FENCED);
  });

  test.each<[string, string]>([
    ['two values', '{"name":"x"} {"name":"y"}'],
    ['a value that never ends', '{"name":"x"'],
    ['no value', 'Sure!'],
    ['white space', '  \n '],
  ])('refuses %s', async (_name, text) => {
    expect(await asked(text)).toMatchObject({ accepted: false, parseLevel: null, validation: { status: 'failed' } });
  });

  test('does not guess where the schema cannot be checked', async () => {
    const loose = async (text: string): Promise<string> =>
      (await judge(answer({ text }), LOOKAHEAD, null, steps(), TERMS)).validation.status;
    expect(await loose('```\n{"a":1}\n```')).toBe('unverified');
    expect(await loose('{"a":1,}')).toBe('failed');
  });

  test('never touches an answer that its cap has cut', async () => {
    const cut = answer({ text: '```json\n{"name":"x"}\n```', finishReason: 'length', finishNative: 'length' });
    const judgement = await judge(cut, FORMAT, null, steps(), TERMS);
    expect(judgement).toMatchObject({ accepted: true, edits: [], validation: { status: 'failed' } });
  });

  test('knows the model whose reasoning tag is opened by its prompt', async () => {
    const text = 'First {"name":"draft"}.\n</think>\n{"name":"x"}';
    expect((await asked(text)).accepted).toBe(false);
    expect((await asked(text, { modelId: 'deepseek-ai/DeepSeek-R1' })).answer.text).toBe('{"name":"x"}');
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

  test('are all judged, and all recovered', async () => {
    const several = answer({ alternatives: [{ ...one, text: '```\n{"name":"y"}\n```' }] });
    const judgement = await judge(several, FORMAT, null, steps(), TERMS);
    expect(judgement).toMatchObject({ accepted: true, parseLevel: 1, validation: { status: 'repaired' } });
    expect(judgement.answer.text).toBe('{"name":"x"}');
    expect(judgement.answer.alternatives.map(({ text }) => text)).toEqual(['{"name":"y"}']);
  });

  test('are not accepted when one of them fails', async () => {
    const judgement = await judge(answer({ alternatives: [{ ...one, text: '{}' }] }), FORMAT, null, steps(), TERMS);
    expect(judgement.accepted).toBe(false);
    expect(judgement.validation.verdicts.map(({ outcome }) => outcome)).toEqual(['pass', 'fail']);
    expect(judgement.rejected?.reason).toContain('choices[1]: ');
  });
});
