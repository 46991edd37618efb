import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

const CONFIG = `providers: { openai: { sim: true }, anthropic: { sim: true } }
models: { gpt-4o: { at: openai }, claude-opus: { at: anthropic, id: claude-opus-4-8 } }
routes:
  legal: { try: [claude-opus] }
  german: { try: [gpt-4o] }
  chat: { try: [gpt-4o] }
rules:
  - { when: 'tags.team == "law"', route: legal }
  - { when: 'language == "de"', route: german }
  - { when: 'dialect != "openai-chat" || !("none" in tags)', route: chat }
`;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

interface Answer {
  readonly id: string;
  readonly candor: { readonly asked: string; readonly route: string; readonly served_by: string };
}

const chat = (content: string): object => ({ model: 'auto', messages: [{ role: 'user', content }] });

describe('a request for auto', () => {
  test.each([
    ['legal', 'anthropic/claude-opus', 'Read this.', { 'x-candor-tags': 'team=law' }],
    ['german', 'openai/gpt-4o', 'Wie spät ist es in Berlin?', {}],
    ['chat', 'openai/gpt-4o', 'What time is it in Berlin?', {}],
  ])('is answered by the route of the first rule that matches: %s', async (route, servedBy, content, headers) => {
    const response = await gateway.post('/v1/chat/completions', chat(content), headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-candor-route')).toBe(route);
    const { candor } = (await response.json()) as Answer;
    expect(candor).toMatchObject({ asked: 'auto', route, served_by: servedBy });
  });

  test('keeps in its record what each rule came to', async () => {
    const { id } = (await (
      await gateway.post('/v1/chat/completions', chat('Guten Tag, wie geht es dir?'))
    ).json()) as Answer;
    expect(await gateway.record(id)).toMatchObject({
      decision: {
        rules: [
          {
            at: 'candor.yaml:8',
            when: 'tags.team == "law"',
            outcome: 'failed',
            problem: 'the rule at candor.yaml:8 could not be evaluated: no such key at `team`',
          },
          { at: 'candor.yaml:9', outcome: 'matched', problem: null },
        ],
      },
    });
  });

  test('that no rule matches is refused, and says what failed', async () => {
    const response = await gateway.post('/v1/chat/completions', chat('What time is it?'), {
      'x-candor-tags': 'none=1',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'invalid_request',
        param: 'model',
        message: expect.stringMatching(
          /no rule matches this request \(the rule at candor\.yaml:8 .*no such key at `team`\)/,
        ) as string,
      },
    });
  });

  test('is explained with the line of the rule', async () => {
    const response = await gateway.post('/v1/candor/explain', chat('Wie spät ist es in Berlin?'));
    expect(await response.json()).toMatchObject({
      asked: 'auto',
      route: 'german',
      chosen_by: { by: 'rule', at: 'candor.yaml:9' },
    });
  });

  test.each([
    [
      '/anthropic/v1/messages',
      { model: 'auto', max_tokens: 50, messages: [{ role: 'user', content: 'Wie spät ist es?' }] },
    ],
    ['/v1/responses', { model: 'auto', input: 'Wie spät ist es?' }],
    ['/v1beta/models/auto:generateContent', { contents: [{ role: 'user', parts: [{ text: 'Wie spät ist es?' }] }] }],
  ])('may come in any protocol: %s', async (path, body) => {
    const response = await gateway.post(path, body);
    expect([response.status, response.headers.get('x-candor-route')]).toEqual([200, 'german']);
  });

  test('is one by name only: a route header wins, and auto is no route', async () => {
    const routed = await gateway.post('/v1/chat/completions', chat('Hallo'), { 'x-candor-route': 'chat' });
    expect(routed.headers.get('x-candor-route')).toBe('chat');
    const refused = await gateway.post('/v1/chat/completions', chat('Hallo'), { 'x-candor-route': 'auto' });
    expect(refused.status).toBe(404);
  });
});
