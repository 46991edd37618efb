import { describe, expect, test } from 'vitest';

import { decodeClientBody, testDeployment } from '../../test/support/deployment.ts';
import { HOOK_CONTEXT, hookOf, hookTerms } from '../../test/support/hook-terms.ts';
import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { PromptDraft, PromptHook } from '../core/hook-functions.ts';
import { adapt } from '../prompts/adapt.ts';
import { openai } from '../providers/openai/provider.ts';
import { runPromptHook } from './prompt-hook.ts';

const IMAGE = { type: 'image_url', image_url: { url: 'https://a.example/b.png' } };

function adapted(): AdaptedRequest {
  const request = decodeClientBody({
    model: 'm',
    messages: [
      { role: 'developer', content: 'House.' },
      { role: 'system', content: 'Rules.' },
      { role: 'user', content: 'First.' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: [{ type: 'text', text: 'Look.' }, IMAGE], name: 'ann' },
    ],
  });
  return adapt(request, testDeployment(openai, 'gpt-4o'), null, null);
}

function textsOf({ messages }: AdaptedRequest): readonly string[] {
  return messages.map(
    ({ role, content }) => `${role}: ${content.map((part) => ('text' in part ? part.text : part.type)).join('|')}`,
  );
}

async function run(hook: PromptHook, terms = hookTerms()): Promise<AdaptedRequest> {
  return await runPromptHook(adapted(), hookOf(hook, 'candor.config.ts#hooks.prompt.gpt-4o'), HOOK_CONTEXT, terms);
}

describe('a prompt hook', () => {
  test('rewrites the system section and the last text of the user, and adds around them', async () => {
    const terms = hookTerms();
    const result = await run(
      (p) =>
        p
          .system((text) => `${text}\nThink.`)
          .user((text) => `<d>${text}</d>`)
          .append('Last.')
          .prepend('First of all.'),
      terms,
    );
    expect(textsOf(result)).toEqual([
      'system: First of all.',
      'developer: House.\n\nRules.\nThink.',
      'system: Last.',
      'user: First.',
      'assistant: Yes?',
      'user: <d>Look.</d>|image',
    ]);
    expect(result.messages.at(-1)).toMatchObject({ original: null, name: 'ann', path: 'messages[4]' });
    expect(result.messages[3]).toBe(result.request.messages[2]);
    expect(result.adjustments.map(({ param, kind, at }) => [param, kind, at])).toEqual(
      ['messages[0]', 'messages[4]', 'messages', 'messages'].map((param) => [
        param,
        'rewritten',
        'candor.config.ts#hooks.prompt.gpt-4o',
      ]),
    );
    expect(terms.runs).toMatchObject([{ hook: 'prompt', outcome: 'ok', reason: null }]);
    expect(terms.runs[0]?.before).not.toEqual(terms.runs[0]?.after);
  });

  test('what it adds is told by its hash: it may quote people', async () => {
    const [adjustment] = (await run((p) => p.append('Her name is Ann.'))).adjustments;
    expect(adjustment?.sent).toMatchObject({ characters: 16 });
  });

  test('that changes nothing leaves the very same messages', async () => {
    const terms = hookTerms();
    const result = await run((p) => p.user((text) => text).append(''), terms);
    expect(result.messages).toBe(result.request.messages);
    expect(result.adjustments).toEqual([]);
    expect(terms.runs).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test('is part of the template with its source', async () => {
    const one = await runPromptHook(
      adapted(),
      hookOf((p: PromptDraft) => p),
      HOOK_CONTEXT,
      hookTerms(),
    );
    const other = { ...hookOf((p: PromptDraft) => p), sha256: 'b'.repeat(64) };
    expect(one.template).toMatch(/^[0-9a-f]{16}$/);
    expect((await runPromptHook(adapted(), other, HOOK_CONTEXT, hookTerms())).template).not.toBe(one.template);
  });

  test('is given what it asks for, in time', async () => {
    let context: unknown;
    const result = await run(async (p, given) => {
      context = given;
      return await Promise.resolve(p.append('x'));
    });
    expect(context).toEqual(HOOK_CONTEXT);
    expect(textsOf(result)).toContain('system: x');
  });

  let kept: PromptDraft | null = null;
  test.each<readonly [string, PromptHook, string, RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('secret of Ann');
      },
      'failed',
      /^it threw RangeError/,
    ],
    ['rejects', () => Promise.reject(new Error('secret of Ann')), 'failed', /^it threw Error/],
    ['gives nothing', () => undefined as never, 'invalid', /did not return the prompt/],
    ['gives text', () => 'text' as never, 'invalid', /did not return the prompt/],
    [
      'gives the draft of another request',
      (p) => {
        const last = kept;
        kept = p;
        return last ?? p.append('x');
      },
      'invalid',
      /did not return/,
    ],
    ['gives a text that is none', (p) => p.system(() => 5 as never), 'failed', /TypeError/],
    ['changes a message in place', (p) => Object.assign(p, { messages: [] }), 'failed', /TypeError/],
    [
      'changes its context',
      (p, ctx) => {
        (ctx.tags as Record<string, string>)['team'] = 'b';
        return p;
      },
      'failed',
      /TypeError/,
    ],
  ])('that %s ends the request', async (name, hook, outcome, reason) => {
    if (name.includes('another request')) await run(hook);
    const terms = hookTerms();
    const error: unknown = await run(hook, terms).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'hook_error', status: 500, retry: false });
    expect((error as Error).message).toMatch(/^the hook candor\.config\.ts#hooks\.prompt\.gpt-4o failed: /);
    expect(terms.runs).toMatchObject([{ outcome, reason: expect.stringMatching(reason) }]);
    expect(JSON.stringify([terms.runs, (error as Error).message, terms.said])).not.toContain('Ann');
  });

  test('that never ends is given up when its time has passed', async () => {
    const terms = hookTerms();
    const running = run(() => new Promise(() => {}), terms).catch((thrown: unknown) => thrown);
    expect(terms.watched()).toBe(1);
    terms.expire();
    expect(await running).toMatchObject({ code: 'hook_error' });
    expect(terms.runs).toMatchObject([{ outcome: 'timed_out', reason: 'it did not end within 250 ms' }]);
    expect(terms.watched()).toBe(0);
  });

  test('that keeps the thread busy is told, and obeyed', async () => {
    let now = 0;
    const terms = hookTerms(() => now);
    const result = await run((p) => {
      now += 80;
      return p.append('x');
    }, terms);
    expect(textsOf(result)).toContain('system: x');
    expect(terms.said).toEqual([expect.stringContaining('kept the thread busy for 80 ms')]);
  });
});
