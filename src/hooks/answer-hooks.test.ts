import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { HOOK_CONTEXT, hookOf, hookTerms, type TestHookTerms } from '../../test/support/hook-terms.ts';
import { answer } from '../../test/support/judging.ts';
import { hookAnswer } from '../core/hook-answer.ts';
import type { ConfidenceHook, HookAnswer, TaskHook, TaskRequest, ValidateHook } from '../core/hook-functions.ts';
import { NO_HOOKS } from '../core/hooks.ts';
import type { Verdict } from '../core/record.ts';
import { runConfidenceHook } from './confidence-hook.ts';
import { runTaskHook } from './task-hook.ts';
import { hookAccess } from './validate-hook.ts';

const ANSWER: HookAnswer = hookAnswer(answer({ text: '{"a":[1]}' }), () => ({ a: [1] }));
const NAME = './hooks/checks.ts#checked';
const TEXTS = [{ path: 'messages[0].content', role: 'user', text: 'context' }] as const;

const boom = (): never => {
  throw new Error('Ann said so');
};

describe('a validate hook', () => {
  function check(hook: ValidateHook, terms: TestHookTerms): Promise<Verdict> {
    const hooks = { ...NO_HOOKS, validate: new Map([[NAME, hookOf(hook)]]) };
    return hookAccess(hooks, HOOK_CONTEXT, terms).run(NAME, ANSWER, TEXTS);
  }

  test.each<readonly [string, ValidateHook, Partial<Verdict>]>([
    ['passes', (_, ctx) => ctx.ok(), { outcome: 'pass', reason: null }],
    [
      'fails',
      async (read, ctx) =>
        ctx.invalid('not found', { evidence: [read.text, ctx.context[0]?.text ?? null], place: '/a' }),
      { outcome: 'fail', reason: 'not found', place: '/a', evidence: ['{"a":[1]}', 'context'] },
    ],
    ['cannot tell', (_, ctx) => ctx.unknown('too long'), { outcome: 'abstain', reason: 'too long' }],
    ['reads JSON', ({ json }, ctx) => (JSON.stringify(json) === '{"a":[1]}' ? ctx.ok() : boom()), { outcome: 'pass' }],
  ])('that %s', async (_, hook, verdict) => {
    const terms = hookTerms();
    expect(await check(hook, terms)).toMatchObject({ validator: 'hook:checked', ...verdict });
    expect(terms.runs).toMatchObject([{ hook: 'validate', outcome: 'ok' }]);
  });

  test.each<readonly [string, ValidateHook, string, RegExp]>([
    ['throws', boom, 'failed', /^hook_error: it threw Error/],
    ['gives true', () => true as never, 'invalid', /^hook_error: it did not return what ctx\.ok/],
    ['gives a verdict of no kind', () => ({ outcome: 'maybe', reason: 'x' }) as never, 'invalid', /did not return/],
    ['fails without a reason', (_, ctx) => ctx.invalid(''), 'invalid', /did not return/],
    [
      'gives evidence that is no JSON',
      (_, ctx) => ctx.invalid('x', { evidence: [boom as never] }),
      'invalid',
      /evidence/,
    ],
    ['gives a book', (_, ctx) => ctx.invalid('x', { evidence: ['x'.repeat(20_000)] }), 'invalid', /evidence/],
    [
      'changes its context',
      (_, ctx) => (Object.assign(ctx.context[0] ?? {}, { text: 'x' }), ctx.ok()),
      'failed',
      /TypeError/,
    ],
    ['changes the answer', ({ json }, ctx) => ((json as { a: number[] }).a.push(2), ctx.ok()), 'failed', /TypeError/],
  ])('that %s abstains', async (_, hook, outcome, reason) => {
    const terms = hookTerms();
    expect(await check(hook, terms)).toMatchObject({ outcome: 'abstain', reason: expect.stringMatching(reason) });
    expect(terms.runs).toMatchObject([{ hook: 'validate', outcome }]);
    expect(JSON.stringify([terms.runs, terms.said])).not.toContain('Ann');
  });

  test('has longer than others', async () => {
    const terms = hookTerms();
    const running = check(() => new Promise(() => {}), terms);
    terms.expire();
    expect(await running).toMatchObject({ outcome: 'abstain', reason: 'hook_error: it did not end within 5000 ms' });
  });

  test('that is not there abstains', async () => {
    const verdict = await hookAccess(NO_HOOKS, HOOK_CONTEXT, hookTerms()).run(NAME, ANSWER, TEXTS);
    expect(verdict).toMatchObject({ outcome: 'abstain', reason: 'hook_error: the config has no such hook' });
  });
});

describe('a confidence hook', () => {
  const CONTEXT = {
    ...HOOK_CONTEXT,
    checks: [{ validator: 'x', outcome: 'pass', reason: null }],
    signals: { n: 1 },
  } as const;

  test.each<readonly [string, ConfidenceHook, number | null, string]>([
    ['a score', (_, { checks }) => checks.length / 2, 0.5, 'ok'],
    ['nothing', () => null, null, 'ok'],
    ['more than 1', () => 1.01, null, 'invalid'],
    ['no number', () => Number.NaN, null, 'invalid'],
    ['text', () => '0.5' as never, null, 'invalid'],
    ['an error', boom, null, 'failed'],
    ['a change', (_, ctx) => Object.assign(ctx.signals, { n: 2 }) as never, null, 'failed'],
  ])('that gives %s', async (_, hook, score, outcome) => {
    const terms = hookTerms();
    expect(await runConfidenceHook(ANSWER, hookOf(hook), CONTEXT, terms)).toBe(score);
    expect(terms.runs).toMatchObject([{ hook: 'confidence', outcome }]);
  });
});

describe('a task hook', () => {
  const REQUEST = decodeClientBody({
    model: 'auto',
    messages: [{ role: 'user', content: 'Extract this.' }],
    tools: [{ type: 'function', function: { name: 'f' } }],
  });
  const ROUTES = new Map([['extract', 1]]);
  const choose = (hook: TaskHook, terms: TestHookTerms): Promise<string | null> =>
    runTaskHook(REQUEST, 12, hookOf(hook), ROUTES, terms);

  test('chooses by what is asked', async () => {
    const terms = hookTerms();
    let seen: TaskRequest | null = null;
    const hook: TaskHook = (request) => (
      (seen = request),
      request.messages.at(-1)?.text.startsWith('Extract') ? 'extract' : undefined
    );
    expect(await choose(hook, terms)).toBe('extract');
    expect(seen).toEqual({
      messages: [{ role: 'user', text: 'Extract this.' }],
      tools: ['f'],
      tags: {},
      stream: false,
      tokens: 12,
    });
    expect(terms.runs).toMatchObject([{ outcome: 'ok', reason: 'it chose the route extract' }]);
  });

  test('may leave the choice to the rules', async () => {
    const terms = hookTerms();
    expect(await choose(() => undefined, terms)).toBeNull();
    expect(terms.runs).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test.each<readonly [string, TaskHook, string]>([
    ['an unknown route', () => 'extrakt', 'invalid'],
    ['no name', () => null as never, 'invalid'],
    ['an error', boom, 'failed'],
  ])('that gives %s ends the request', async (_, hook, outcome) => {
    const terms = hookTerms();
    await expect(choose(hook, terms)).rejects.toMatchObject({ code: 'hook_error' });
    expect(terms.runs).toMatchObject([{ hook: 'task', outcome }]);
  });
});
