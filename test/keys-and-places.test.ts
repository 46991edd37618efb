import { afterEach, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { startRawUpstream, type RawUpstream, type Script } from './support/raw-upstream.ts';
import { answer, completion, json } from './support/vendor-answers.ts';

const FIRST_KEY = 'sk-first-0123456789abcdefghijklmnop';
const SECOND_KEY = 'sk-second-0123456789abcdefghijklmnop';
const QUESTION = { messages: [{ role: 'user', content: 'Hello' }] };

const JSON_HEAD = ['content-type: application/json'];
const ANSWER = json(completion());
const REJECTED = answer('401 Unauthorized', ['content-type: application/json'], '{"error":{"message":"bad key"}}');
const LIMITED = answer(
  '429 Too Many Requests',
  ['content-type: application/json', 'retry-after: 60'],
  '{"error":{"message":"slow down"}}',
);

let gateway: TestGateway;
let upstreams: readonly RawUpstream[] = [];
afterEach(async () => {
  await gateway.close();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

async function start(first: Script, second: Script = ANSWER): Promise<readonly [RawUpstream, RawUpstream]> {
  const one = await startRawUpstream(first);
  const other = await startRawUpstream(second);
  upstreams = [one, other];
  const config = [
    'providers:',
    `  one: { kind: openai, url: "${one.url}", allow_private: true, key: [env:FIRST, env:SECOND] }`,
    `  other: { kind: openai, url: "${other.url}", allow_private: true, key: env:FIRST }`,
    'models:',
    '  rotating: { at: one, id: gpt-4o }',
    '  spread: { at: [{ provider: one, id: gpt-4o }, { provider: other, id: gpt-4o }] }',
    'routes:',
    '  task: { try: [spread], fallback: off }',
    '  crossing: { try: [spread], fallback: off, on_refusal: fallback }',
    '',
  ].join('\n');
  gateway = await startTestGateway({ config, environment: { FIRST: FIRST_KEY, SECOND: SECOND_KEY } });
  return [one, other];
}

/** Answers the first key so, and the other one with an answer. */
function byKey(first: Script): Script {
  return (socket, request) => (request.head.includes(FIRST_KEY) ? first : ANSWER)(socket, request);
}

const ask = (model: string): Promise<Response> => gateway.post('/v1/chat/completions', { model, ...QUESTION });

describe('several keys of one provider', () => {
  test.each([
    ['rejected', REJECTED, 'auth'],
    ['out of its limit', LIMITED, 'rate_limited'],
  ])('when the first is %s, the next one is used at once, and from then on', async (_what, script, kind) => {
    const [one] = await start(byKey(script));
    const response = await ask('rotating');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-candor-fallback')).toBe('?0');
    const record = await gateway.record(response.headers.get('x-request-id') ?? '');
    expect(record['attempts']).toMatchObject([{ kind }, { kind: 'ok', why: 'retry' }]);
    expect(JSON.stringify(record)).not.toContain(FIRST_KEY);
    const before = one.requests.length;
    expect((await ask('rotating')).status).toBe(200);
    expect(one.requests.slice(before).map(({ head }) => head.includes(SECOND_KEY))).toEqual([true]);
  });

  test('when all are rejected, the client hears of it as of one', async () => {
    await start(REJECTED);
    const response = await ask('rotating');
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_auth' } });
  });
});

describe('one model at several places', () => {
  test('shares its requests', async () => {
    const [one, other] = await start(ANSWER);
    for (let sent = 0; sent < 40; sent++) {
      const response = await ask('task');
      expect(response.status).toBe(200);
      expect(response.headers.get('x-candor-fallback')).toBe('?0');
    }
    expect(one.requests.length).toBeGreaterThan(0);
    expect(other.requests.length).toBeGreaterThan(0);
    expect(one.requests.length + other.requests.length).toBe(40);
  });

  test('goes on at the other place where one fails, also with fallback off, and is not degraded', async () => {
    const broken = answer('500 Broken', ['content-type: application/json'], '{"error":{"message":"broken"}}');
    await start(broken);
    const responses = [];
    for (let sent = 0; sent < 12; sent++) responses.push(await ask('task'));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    const moved = responses.filter(({ headers }) => headers.get('x-candor-fallback') !== '?0');
    expect(moved.length).toBeGreaterThan(0);
    for (const { headers } of moved) {
      expect(headers.get('x-candor-fallback')).toMatch(/^\?1;reason=(upstream_error|circuit_open);same=model$/);
      expect(headers.get('x-candor-degraded')).toBeNull();
    }
  });
});

describe('what a model will not answer', () => {
  const status = '400 Bad Request';
  test.each([
    ['an answer that its safety stopped', json(completion({ finish: 'content_filter' }))],
    [
      'a prompt that its safety refuses',
      answer(status, JSON_HEAD, '{"error":{"message":"no","code":"content_filter"}}'),
    ],
    [
      'a prompt that is too long',
      answer(status, JSON_HEAD, '{"error":{"message":"long","code":"context_length_exceeded"}}'),
    ],
  ])('%s is not tried again at its other place', async (_what, script) => {
    const [one, other] = await start(script, script);
    await ask('crossing');
    expect(one.requests.length + other.requests.length).toBe(1);
  });
});

describe('a ceiling on the cost', () => {
  const ceiling = (usd: string, body: object = {}): Promise<Response> =>
    gateway.post('/v1/chat/completions', { model: 'rotating', ...QUESTION, ...body }, { 'x-candor-max-cost-usd': usd });

  test('lets pass what is sure to stay below it, and refuses what is not, without asking anybody', async () => {
    const [one] = await start(ANSWER);
    expect((await ceiling('0.01', { max_tokens: 100 })).status).toBe(200);
    const refused = await ceiling('0.0001', { max_tokens: 100 });
    expect(refused.status).toBe(402);
    const body = (await refused.json()) as { error: { code: string; candor: { refused: unknown } } };
    expect(body.error.code).toBe('max_cost_exceeded');
    expect(body.error.candor.refused).toMatchObject([{ deployment: 'one/rotating', rule: 'max_cost', need: 0.0001 }]);
    expect(one.requests).toHaveLength(1);
  });

  test('counts the longest answer there can be, where the client names no cap', async () => {
    const [one] = await start(ANSWER);
    expect((await ceiling('0.01')).status).toBe(402);
    expect(one.requests).toHaveLength(0);
  });
});
