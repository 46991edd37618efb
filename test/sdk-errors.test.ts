import OpenAI, { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { startCountingProxy, type CountingProxy } from './support/counting-proxy.ts';
import { readStream } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { recordSchema } from './support/provenance-schema.ts';
import { SIMULATED_MODELS } from './support/simulated-models.ts';

const HELLO: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }];
const CHAT = 'POST /v1/chat/completions';

let gateway: TestGateway;
let proxy: CountingProxy;
let client: OpenAI;
beforeAll(async () => {
  gateway = await startTestGateway();
  proxy = await startCountingProxy(gateway.url);
  client = new OpenAI({ apiKey: 'any', baseURL: `${proxy.url}/v1`, maxRetries: 2 });
});
afterEach(() => gateway.simulator.control.reset());
afterAll(async () => {
  await proxy.close();
  await gateway.close();
});

interface CandorError {
  readonly id: string;
  readonly retry: { readonly advised: boolean; readonly after_ms: number | null };
  readonly attempts: readonly Record<string, unknown>[];
  readonly refused: readonly unknown[];
  readonly fix: string;
  readonly trace: string;
}

/** Calls once and gives the error, with how many requests it took and how often a vendor was asked. */
async function failing(call: () => Promise<unknown>): Promise<{
  readonly error: APIError;
  readonly requests: readonly string[];
  readonly asked: number;
}> {
  const requestsBefore = proxy.passed.length;
  const askedBefore = gateway.simulator.received.length;
  const error = await call().then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof APIError)) throw error;
  return {
    error,
    requests: proxy.passed.slice(requestsBefore),
    asked: gateway.simulator.received.length - askedBefore,
  };
}

function candorOf(error: APIError): CandorError {
  return (error.error as { candor: CandorError }).candor;
}

describe.each(SIMULATED_MODELS)('a failing $model that was named', ({ model, provider }) => {
  test('costs one request of an SDK that would retry twice, and the error says what happened', async () => {
    gateway.simulator.control.addFault({ target: provider, fault: 'outage', status: 503 });
    const { error, requests, asked } = await failing(() => client.chat.completions.create({ model, messages: HELLO }));
    expect(requests).toEqual([CHAT]);
    // Its vendor is asked once more while the budget of retries lasts, and not by the SDK.
    expect([1, 2]).toContain(asked);
    expect(error).toMatchObject({ status: 503, code: 'upstream_overloaded', type: 'server_error' });
    // The status and one sentence: who failed, how, and what it said itself.
    expect(error.message).toMatch(
      new RegExp(`^503 ${provider}/${model} failed \\(overloaded\\): the vendor answered 503: \\w`),
    );
    expect(error.headers?.get('x-should-retry')).toBe('false');
    const candor = candorOf(error);
    expect(error.headers?.get('x-request-id')).toBe(candor.id);
    expect(error.headers?.get('x-candor-attempts')).toMatch(`${provider}/${model};status=503;ms=`);
    expect(error.headers?.get('x-candor-fallback')).toBe('?0');
    expect(candor.retry).toEqual({ advised: false, after_ms: null });
    expect(candor.attempts).toHaveLength(asked);
    for (const attempt of candor.attempts) {
      expect(attempt).toEqual({
        deployment: `${provider}/${model}`,
        status: 503,
        kind: 'overloaded',
        ms: expect.any(Number),
        cost: 0,
        upstream: { status: 503, code: expect.toSatisfy(isTextOrNull), message: expect.any(String) },
      });
    }
    expect(candor.fix).toMatch(/^\w.*\.$/);
    expect(candor.trace).toBe(`${gateway.url}/r/${candor.id}`);
    const record = recordSchema.parse(await gateway.record(candor.id));
    expect(record).toMatchObject({
      status: 'failed',
      http: 503,
      served_by: null,
      usage: null,
      cost: 0,
      error: { code: 'upstream_overloaded', message: error.message.replace(/^503 /, '') },
    });
    expect(
      record.attempts.map(({ n, why, sim_fault, possibly_billed }) => ({ n, why, sim_fault, possibly_billed })),
    ).toEqual(
      ['primary', 'retry'].slice(0, asked).map((why, index) => {
        return { n: index + 1, why, sim_fault: expect.stringContaining('503') as string, possibly_billed: false };
      }),
    );
  });

  test('costs one call when it streams, too', async () => {
    gateway.simulator.control.addFault({ target: model, fault: 'outage', status: 'refuse' });
    const { error, requests } = await failing(() =>
      client.chat.completions.create({ model, messages: HELLO, stream: true }),
    );
    expect(requests).toEqual([CHAT]);
    expect(error.status).toBe(502);
    expect(error.message).toContain(`${provider}/${model} failed`);
  });

  test('is an error in the stream when it breaks after its first words, never an end', async () => {
    const headers = { 'x-candor-sim': `${model}=cut:3` };
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'Say "one two three four five six seven eight nine ten"' },
    ];
    const request = { model, messages, stream: true } as const;
    const texts: string[] = [];
    const { error, requests } = await failing(async () => {
      const stream = await client.chat.completions.create(request, { headers });
      for await (const chunk of stream) {
        expect(chunk.choices[0]?.finish_reason ?? null).toBeNull();
        texts.push(JSON.stringify(chunk.choices[0]?.delta));
      }
    });
    expect(requests).toEqual([CHAT]);
    expect(texts.length).toBeGreaterThan(0);
    expect(error.code).toBe('upstream_truncated');
    expect(error.message).toContain('the answer is incomplete');
    const { dones, fields } = await readStream(await client.chat.completions.create(request, { headers }).asResponse());
    expect({ dones, fields }).toEqual({ dones: 0, fields: ['data'] });
    const record = recordSchema.parse(await gateway.record(candorOf(error).id));
    expect(record).toMatchObject({ status: 'failed', http: 200, error: { code: 'upstream_truncated' } });
  });
});

/** Not every vendor has a code for its errors. */
function isTextOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value !== '');
}

test('a route all of whose candidates fail costs one call, and the error tells of each', async () => {
  for (const target of ['openai', 'anthropic', 'google']) {
    gateway.simulator.control.addFault({ target, fault: 'outage', status: 503 });
  }
  const { error, requests, asked } = await failing(() =>
    client.chat.completions.create({ model: 'legal', messages: HELLO }),
  );
  expect({ requests, asked }).toEqual({ requests: [CHAT], asked: 3 });
  expect(error).toMatchObject({ status: 503, code: 'attempts_exhausted' });
  for (const name of ['openai/gpt-4o', 'anthropic/claude-opus', 'google/gemini-flash']) {
    expect(error.message).toContain(`${name} failed (overloaded)`);
  }
  expect(candorOf(error).attempts.map((attempt) => attempt['kind'])).toEqual([
    'overloaded',
    'overloaded',
    'overloaded',
  ]);
});

test('a request that can never succeed is sent once', async () => {
  const { error, requests, asked } = await failing(() =>
    client.chat.completions.create({ model: 'gpt-4o', messages: HELLO, temperature: 9 }),
  );
  expect({ requests, asked }).toEqual({ requests: [CHAT], asked: 0 });
  expect(error).toMatchObject({ status: 400, code: 'param_out_of_range', param: 'temperature' });
});

test('a rate limit is the one the SDK may wait out, for as long as the vendor says', async () => {
  const response = await gateway.post(
    '/v1/chat/completions',
    { model: 'gpt-4o', messages: HELLO },
    { 'x-candor-sim': 'openai=rate:7' },
  );
  const { error } = (await response.json()) as { error: { code: string; candor: CandorError } };
  expect(response.status).toBe(429);
  expect(error.code).toBe('upstream_rate_limited');
  expect(response.headers.get('x-should-retry')).toBe('true');
  expect(response.headers.get('retry-after')).toBe('7');
  expect(response.headers.get('retry-after-ms')).toBe('7000');
  expect(error.candor.retry).toEqual({ advised: true, after_ms: 7000 });
});
