import { describe, expect, test } from 'vitest';

import { decodeClientBody, testDeployment } from '../../test/support/deployment.ts';
import { HOOK_CONTEXT, hookOf, hookTerms, type TestHookTerms } from '../../test/support/hook-terms.ts';
import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { ParameterRules } from '../core/deployment.ts';
import type { ParamsHook } from '../core/hook-functions.ts';
import { adapt } from '../prompts/adapt.ts';
import { openai } from '../providers/openai/provider.ts';
import { runParamsHook } from './params-hook.ts';

const RULES: ParameterRules = new Map([
  ['top_p', { defaultValue: undefined, min: 0.1, max: 0.9, set: undefined, at: 'candor.yaml:7' }],
]);
const ASKED = { temperature: 0.9, top_p: 0.5, max_tokens: 100, n: 2, stop: ['END'], seed: 1 };

async function run(hook: ParamsHook, terms: TestHookTerms = hookTerms()): Promise<AdaptedRequest> {
  const request = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...ASKED });
  const adapted = adapt(request, testDeployment(openai, 'gpt-4o'), null, null);
  return await runParamsHook(adapted, hookOf(hook), HOOK_CONTEXT, [RULES], terms);
}

describe('a params hook', () => {
  test('changes hints and lowers the output cap, each change told', async () => {
    const terms = hookTerms();
    const result = await run((q) => ({ ...q, seed: undefined, temperature: 0.6, max_tokens: 50, user: 'u' }), terms);
    expect(result.parameters).toEqual({ temperature: 0.6, top_p: 0.5, max_tokens: 50, n: 2, stop: ['END'], user: 'u' });
    expect(result.adjustments.map(({ param, asked, sent, kind }) => [param, asked, sent, kind])).toEqual([
      ['temperature', 0.9, 0.6, 'rewritten'],
      ['max_tokens', 100, 50, 'rewritten'],
      ['seed', 1, null, 'dropped'],
      ['user', null, 'u', 'defaulted'],
    ]);
    expect(terms.runs).toMatchObject([{ hook: 'params', outcome: 'ok' }]);
  });

  test('that changes nothing leaves the very same request', async () => {
    const terms = hookTerms();
    const result = await run((q) => ({ ...q }), terms);
    expect(result.parameters).toBe(result.request.parameters);
    expect(terms.runs).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test.each<readonly [string, ParamsHook, RegExp]>([
    ['nothing', () => undefined as never, /did not return parameters/],
    ['a list', () => [] as never, /did not return parameters/],
    ['an unknown name', (q) => ({ ...q, temprature: 1 }), /`temprature`, which is not for hooks/],
    ['what decided who may answer', (q) => ({ ...q, n: 1 }), /`n`, which is not for hooks/],
    ['another type', (q) => ({ ...q, temperature: '1' as never }), /`temperature` a value of another type/],
    ['no number', (q) => ({ ...q, temperature: Number.NaN }), /`temperature` a value of another type/],
    ['a higher output cap', (q) => ({ ...q, max_tokens: 101 }), /may lower `max_tokens`, not raise it/],
    ['no output cap', (q) => ({ ...q, max_tokens: undefined }), /may lower `max_tokens`, not raise it/],
    ['more than a rule allows', (q) => ({ ...q, top_p: 1 }), /`top_p` a value that candor\.yaml:7 does not allow/],
    ['nothing where there is a rule', (q) => ({ ...q, top_p: undefined }), /`top_p` a value that candor\.yaml:7/],
    ['a function', (q) => ({ ...q, metadata: { a: (() => 1) as never } }), /`metadata` a value of another type/],
  ])('that gives %s ends the request', async (_, hook, reason) => {
    const terms = hookTerms();
    await expect(run(hook, terms)).rejects.toMatchObject({ code: 'hook_error' });
    expect(terms.runs).toMatchObject([{ outcome: 'invalid', reason: expect.stringMatching(reason) }]);
  });

  test('caps the output under the name that the request has for it', async () => {
    const request = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }], max_tokens: 10 });
    const adapted = adapt(request, testDeployment(openai, 'gpt-4o'), null, null);
    const raising = hookOf<ParamsHook>((q) => ({ ...q, max_completion_tokens: 16_000 }));
    const terms = hookTerms();
    await expect(runParamsHook(adapted, raising, HOOK_CONTEXT, [], terms)).rejects.toMatchObject({
      code: 'hook_error',
    });
    expect(terms.runs[0]?.reason).toMatch(/`max_completion_tokens`, and the output is capped by another name/);
  });

  test('cannot change what it was given', async () => {
    const terms = hookTerms();
    await expect(run((q) => Object.assign(q, { temperature: 0 }), terms)).rejects.toMatchObject({ code: 'hook_error' });
    expect(terms.runs).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('TypeError') }]);
  });
});
