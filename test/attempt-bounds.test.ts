import { afterEach, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { LeapingClock } from './support/leaping-clock.ts';
import { ManualClock } from './support/manual-clock.ts';
import { eventStream, startRawUpstream, type RawUpstream, type Script } from './support/raw-upstream.ts';
import { answer, BUSY, completion, json } from './support/vendor-answers.ts';

const KEYS = { FIRST: 'sk-first-0123456789abcdefghijklmnop', SECOND: 'sk-second-0123456789abcdefghijklmnop' };
const ANSWER = json(completion());
const JSON_TYPE = 'content-type: application/json';
const REJECTED = answer('401 Unauthorized', [JSON_TYPE], '{"error":{"message":"bad key"}}');
const limited = (...headers: readonly string[]): Script =>
  answer('429 Too Many Requests', [JSON_TYPE, ...headers], '{"error":{"message":"slow down"}}');
const CUT: Script = (socket) =>
  socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"id":');
const SILENT: Script = () => undefined;

let gateway: TestGateway;
let upstreams: readonly RawUpstream[] = [];
afterEach(async () => {
  await gateway.close();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
});

interface Start {
  readonly first: Script;
  readonly second?: Script;
  readonly route?: string;
  readonly clock?: ManualClock | LeapingClock;
  readonly draw?: number;
}

/** Two upstreams, the first with two keys, and a route over both. */
async function start({ first, second = ANSWER, route = '', clock = new LeapingClock(), draw = 0 }: Start) {
  upstreams = [await startRawUpstream(first), await startRawUpstream(second)];
  const [one, other] = upstreams.map(({ url }) => `kind: openai, url: "${url}", allow_private: true`);
  const config = [
    'providers:',
    `  one: { ${one}, key: [env:FIRST, env:SECOND] }`,
    `  other: { ${other}, key: env:FIRST }`,
    'models:',
    '  rotating: { at: one, id: gpt-4o }',
    '  standby: { at: other, id: gpt-4o }',
    '  spread: { at: [{ provider: one, id: gpt-4o }, { provider: other, id: gpt-4o }] }',
    'routes:',
    `  pair: { try: [rotating, standby], fallback: degraded${route} }`,
    '',
  ].join('\n');
  gateway = await startTestGateway({ config, environment: KEYS, clock, draw: () => draw });
}

/** By the key it is asked with; the other one is answered. */
function byKey(scripts: Partial<Record<keyof typeof KEYS, Script>>): Script {
  return (socket, request) => {
    const name = request.head.includes(KEYS.FIRST) ? 'FIRST' : 'SECOND';
    (scripts[name] ?? ANSWER)(socket, request);
  };
}

const keysUsed = (): readonly string[] =>
  upstreams[0]?.requests.map(({ head }) => (head.includes(KEYS.FIRST) ? 'first' : 'second')) ?? [];

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly code: string | null;
  readonly refused: readonly { readonly deployment: string; readonly rule: string }[];
  readonly record: Record<string, unknown>;
  readonly attempts: readonly string[];
}

async function ask(model: string, { body = {}, headers = {} }: AskOptions = {}): Promise<Told> {
  const messages = [{ role: 'user', content: 'Hello' }];
  const response = await gateway.post('/v1/chat/completions', { model, messages, ...body }, headers);
  const text = await response.text();
  const error = text.startsWith('{"error"') ? (JSON.parse(text) as ErrorBody).error : null;
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  const attempts = (record['attempts'] as { why: string; deployment: string; kind: string }[]).map(
    ({ why, deployment, kind }) => `${why} ${deployment} ${kind}`,
  );
  const { status, headers: told } = response;
  return { status, headers: told, code: error?.code ?? null, refused: error?.candor.refused ?? [], record, attempts };
}

interface AskOptions {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorBody {
  readonly error: { readonly code: string; readonly candor: { readonly refused: Told['refused'] } };
}

describe('a key that failed', () => {
  test('is not asked again at once, also where its vendor does not say for how long it is limited', async () => {
    await start({ first: byKey({ FIRST: limited() }) });
    expect((await ask('rotating')).status).toBe(200);
    expect(keysUsed()).toEqual(['first', 'second']);
  });

  test('is not asked again at once, also where the other one is to be left alone', async () => {
    await start({ first: byKey({ FIRST: REJECTED, SECOND: limited('retry-after: 60') }) });
    await ask('rotating');
    const { attempts } = await ask('rotating');
    expect(keysUsed()).toEqual(['first', 'second', 'first']);
    expect(attempts).toEqual(['primary one/rotating auth']);
  });

  test('takes nothing from the one retry of the last candidate', async () => {
    let asked = 0;
    await start({ first: byKey({ FIRST: REJECTED, SECOND: (...to) => (asked++ === 0 ? BUSY : ANSWER)(...to) }) });
    const { status, attempts } = await ask('rotating');
    expect(status).toBe(200);
    expect(attempts).toEqual(['primary one/rotating auth', 'retry one/rotating overloaded', 'retry one/rotating ok']);
  });

  test('does not make more than three attempts of a request', async () => {
    await start({ first: byKey({ FIRST: REJECTED, SECOND: BUSY }), second: BUSY, route: ', retries: 2' });
    expect((await ask('pair')).attempts).toHaveLength(3);
  });
});

describe('what was left of the time', () => {
  test('is not held against who was asked late', async () => {
    const clock = new ManualClock();
    const slow: Script = (...to) => void clock.setTimer(400, () => ANSWER(...to));
    await start({ first: SILENT, second: slow, route: ', timeout: { total: 2s, first_byte: 1900ms }', clock });
    for (let sent = 0; sent < 8; sent++) {
      const { attempts } = await clock.passUntil(ask('pair', { body: { stream: true } }));
      expect(attempts[1]).toBe('fallback other/standby total_timeout');
    }
    expect((await clock.passUntil(ask('standby'))).status).toBe(200);
  });

  test('is not waited out for a retry that cannot begin within it', async () => {
    const clock = new ManualClock();
    await start({ first: limited('retry-after-ms: 1950'), clock, draw: 0.9 });
    const { code } = await clock.passUntil(ask('rotating', { headers: { 'x-candor-timeout-ms': '2000' } }));
    expect(code).toBe('upstream_rate_limited');
  });
});

describe('a ceiling on the cost', () => {
  const CEILING = { 'x-candor-max-cost-usd': '0.00013' };
  const body = { max_tokens: 10 };

  test('holds over all attempts: who might go beyond it is passed over, and the record says so', async () => {
    await start({ first: CUT, route: ', retries: 1' });
    const { status, attempts, record, refused } = await ask('pair', { body, headers: CEILING });
    expect(status).toBe(502);
    expect(attempts).toEqual(['primary one/rotating truncated']);
    expect(record['candidates']).toMatchObject([
      { deployment: 'one/rotating', verdict: 'tried' },
      { deployment: 'other/standby', verdict: 'excluded', reasons: [{ rule: 'max_cost', need: 0.00013 }] },
    ]);
    expect(refused).toMatchObject([{ deployment: 'other/standby', rule: 'max_cost' }]);
  });

  test('is not touched by attempts that cost nothing', async () => {
    await start({ first: BUSY, route: ', brief: off' });
    const { status, attempts } = await ask('pair', { body, headers: CEILING });
    expect(status).toBe(200);
    expect(attempts).toEqual(['primary one/rotating overloaded', 'fallback other/standby ok']);
  });

  test.each([
    ['a dearer tier whose price is not known', { service_tier: 'priority' }],
    ['a search that is billed apart', { web_search_options: {} }],
  ])('refuses %s', async (_what, extra) => {
    await start({ first: ANSWER });
    const { status, code } = await ask('rotating', { body: { ...body, ...extra }, headers: CEILING });
    expect([status, code]).toEqual([402, 'max_cost_exceeded']);
    expect(upstreams[0]?.requests).toHaveLength(0);
  });

  test('counts each of several answers', async () => {
    await start({ first: ANSWER });
    expect((await ask('rotating', { body: { ...body, n: 2 }, headers: CEILING })).status).toBe(402);
  });
});

describe('what says nothing of the upstream', () => {
  const objection = (error: object): Script => answer('400 Bad Request', [JSON_TYPE], JSON.stringify({ error }));
  const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: { type: 'object' } } };

  test.each([
    ['what a client asks wrongly', objection({ message: 'no', type: 'invalid_request_error' }), {}],
    ['prompts that are too long', objection({ message: 'no', code: 'context_length_exceeded' }), {}],
    ['prompts that are refused', objection({ message: 'no', code: 'content_filter' }), {}],
    ['answers that the checks refuse', ANSWER, { response_format: format }],
  ])('%s: no circuit opens for it', async (_what, script, body) => {
    await start({ first: ANSWER, second: script });
    for (let sent = 0; sent < 20; sent++) expect((await ask('standby', { body })).attempts).toHaveLength(1);
    upstreams[1]?.play(ANSWER);
    expect((await ask('standby')).status).toBe(200);
  });

  test('clients that leave: no circuit opens for it', async () => {
    await start({ first: ANSWER, second: SILENT });
    for (let sent = 0; sent < 20; sent++) {
      const leaving = new AbortController();
      const body = JSON.stringify({ model: 'standby', messages: [{ role: 'user', content: 'Hello' }] });
      const headers = { 'content-type': 'application/json' };
      const asking = fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body,
        signal: leaving.signal,
      });
      await upstreams[1]?.nextRequest();
      leaving.abort();
      await expect(asking).rejects.toThrow('aborted');
    }
    upstreams[1]?.play(ANSWER);
    expect((await ask('standby')).status).toBe(200);
  });
});

test('a refusal is the answer where the model it would be carried to may not be asked any more', async () => {
  let isAsked = false;
  const refusing: Script = (socket, request) => {
    // Somebody else finds out meanwhile that the other one is to be left alone.
    const meanwhile = isAsked ? Promise.resolve() : ask('standby').then(() => undefined);
    isAsked = true;
    void meanwhile.then(() => json(completion({ text: '', finish: 'content_filter' }))(socket, request));
  };
  await start({ first: refusing, second: limited('retry-after: 60'), route: ', on_refusal: fallback' });
  const { status, attempts, headers } = await ask('pair');
  expect(status).toBe(200);
  expect(attempts).toEqual(['primary one/rotating ok']);
  expect(headers.get('x-candor-fallback')).toBe('?0');
});

test('a limit met after another failure tells when to come again as well', async () => {
  let asked = 0;
  await start({ first: ANSWER, second: (...to) => (asked++ === 0 ? BUSY : limited())(...to) });
  const { status, attempts, headers } = await ask('standby');
  expect(attempts).toEqual(['primary other/standby overloaded', 'retry other/standby rate_limited']);
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('1');
});

test('an attempt on a stale socket does not hide that all were limited', async () => {
  let asked = 0;
  const closing: Script = (socket, request) => {
    if (asked++ === 0) ANSWER(socket, request);
    else if (asked === 2) socket.destroy();
    else limited()(socket, request);
  };
  await start({ first: limited(), second: closing });
  await ask('standby');
  const { status, code, attempts, headers } = await ask('pair');
  expect(attempts).toContain('fallback other/standby stale_socket');
  expect([status, code]).toEqual([429, 'upstream_rate_limited']);
  expect(headers.get('retry-after')).not.toBeNull();
});

/** Asks until its circuit is open, and lets the time pass after which a probe may come. */
async function openCircuit(clock: ManualClock): Promise<void> {
  const isShut = async (): Promise<boolean> =>
    (await clock.passUntil(ask('standby'))).code === 'no_available_deployment';
  await expect.poll(isShut).toBe(true);
  clock.advance(21_000);
}

test('of two that come as probes one is let through, and the other one and its record are told why not', async () => {
  const clock = new ManualClock();
  await start({ first: ANSWER, second: BUSY, clock });
  await openCircuit(clock);
  const slow: Script = (...to) => void clock.setTimer(400, () => ANSWER(...to));
  upstreams[1]?.play(slow);
  const told = await clock.passUntil(Promise.all([ask('standby'), ask('standby')]));
  const [admitted, refused] = told.toSorted((one, other) => one.status - other.status);
  expect([admitted?.status, refused?.status, refused?.code]).toEqual([200, 503, 'no_available_deployment']);
  expect(refused?.refused).toMatchObject([{ deployment: 'other/standby', rule: 'circuit' }]);
  expect(refused?.record['candidates']).toMatchObject([{ deployment: 'other/standby', verdict: 'excluded' }]);
});

test('a stream that has begun as the probe of a circuit does not keep everybody else out to its end', async () => {
  const clock = new ManualClock();
  await start({ first: ANSWER, second: BUSY, clock });
  await openCircuit(clock);
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices: [] as object[] };
  const begun = {
    ...chunk,
    choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }],
  };
  upstreams[1]?.play(eventStream([`data: ${JSON.stringify(begun)}\n\n`], 'open'));
  const messages = [{ role: 'user', content: 'Hello' }];
  const probe = await clock.passUntil(
    gateway.post('/v1/chat/completions', { model: 'standby', stream: true, messages }),
  );
  expect(probe.status).toBe(200);
  upstreams[1]?.play(ANSWER);
  expect((await clock.passUntil(ask('standby'))).status).toBe(200);
  await probe.body?.cancel();
});
