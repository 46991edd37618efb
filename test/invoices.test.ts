import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { systemClock, type Clock } from '../src/core/clock.ts';
import type { JsonObject } from '../src/core/json.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { recordSchema, type ReadRecord } from './support/provenance-schema.ts';
import { body, eventStream, startRawUpstream, type RawUpstream } from './support/raw-upstream.ts';
import { openAiStream } from './support/upstream-streams.ts';
import { anthropicMessage, completion, json } from './support/vendor-answers.ts';

/** The providers are called simulated so that they need no key; what answers for them is scripted, and priced as the real ones. */
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  gpt-5: { at: openai }
  gpt-next: { at: openai }
  claude: { at: anthropic, id: claude-opus-4-8 }
  gemini: { at: google, id: gemini-2.5-pro }
  flash: { at: google, id: gemini-2.5-flash }
  v4-flash: { at: deepseek, id: deepseek-v4-flash }
  grok: { at: openai, id: grok-3-mini, price: { in: 0.3, out: 0.5, cached: 0.075, as_of: 2026-11-01 } }
`;

const SUNDAY_NOON = '2026-11-22T12:00:00Z';
const MESSAGES = [{ role: 'user', content: 'Hello.' }];

let upstream: RawUpstream;
let gateway: TestGateway;
let wallTimeMs = 0;

beforeAll(async () => {
  upstream = await startRawUpstream();
  const clock: Clock = { ...systemClock, wallTime: () => wallTimeMs };
  const upstreams = { openai: upstream.url, anthropic: upstream.url, google: upstream.url, deepseek: upstream.url };
  gateway = await startTestGateway({ config: CONFIG, upstreams, clock });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** What the record says of a request that the vendor answers with this. */
async function recordOf(model: string, answer: JsonObject, at = SUNDAY_NOON): Promise<ReadRecord> {
  wallTimeMs = Date.parse(at);
  upstream.play(json(answer));
  const response = await gateway.post('/v1/chat/completions', { model, messages: MESSAGES });
  const { id, usage } = (await response.json()) as { id: string; usage: { cost: number | null } | null };
  const record = recordSchema.parse(await gateway.record(id));
  expect(usage?.cost ?? null).toBe(record.cost);
  expect(response.headers.get('x-candor-cost-usd')).toBe(String(record.cost));
  return record;
}

function openAi(usage: JsonObject, model = 'gpt-4o'): JsonObject {
  return completion({ members: { usage, model } });
}

function gemini(usageMetadata: JsonObject, model = 'gemini-2.5-pro'): JsonObject {
  return {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hello.' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata,
    modelVersion: model,
    responseId: 'r1',
  };
}

const DEEPSEEK = openAi(
  {
    prompt_tokens: 100_000,
    prompt_cache_hit_tokens: 80_000,
    prompt_cache_miss_tokens: 20_000,
    completion_tokens: 10_000,
    total_tokens: 110_000,
  },
  'deepseek-v4-flash',
);

/** As xAI reports them: what was reasoned is beside what was written, and the sum tells. */
const GROK = {
  prompt_tokens: 291,
  completion_tokens: 26,
  total_tokens: 513,
  prompt_tokens_details: { cached_tokens: 290 },
  completion_tokens_details: { reasoning_tokens: 196 },
};

interface Invoice {
  readonly name: string;
  readonly model: string;
  readonly answer: JsonObject;
  readonly at?: string;
  readonly usd: number;
  /** Bucket, tokens, USD per million. */
  readonly lines: readonly (readonly [string, number, number])[];
}

const INVOICES: readonly Invoice[] = [
  {
    name: 'OpenAI: cached tokens at their own price',
    model: 'gpt-4o',
    answer: openAi({
      prompt_tokens: 10_000,
      completion_tokens: 500,
      total_tokens: 10_500,
      prompt_tokens_details: { cached_tokens: 8000 },
    }),
    usd: 0.02,
    lines: [
      ['input', 2000, 2.5],
      ['cached', 8000, 1.25],
      ['output', 500, 10],
    ],
  },
  {
    name: 'OpenAI: reasoning tokens are part of what was written, and billed once',
    model: 'gpt-5',
    answer: openAi(
      {
        prompt_tokens: 1000,
        completion_tokens: 1000,
        total_tokens: 2000,
        completion_tokens_details: { reasoning_tokens: 800 },
      },
      'gpt-5',
    ),
    usd: 0.01125,
    lines: [
      ['input', 1000, 1.25],
      ['output', 1000, 10],
    ],
  },
  {
    name: 'Anthropic: read from a cache, written for five minutes and for an hour',
    model: 'claude',
    answer: anthropicMessage({
      members: {
        usage: {
          input_tokens: 1000,
          cache_read_input_tokens: 10_000,
          cache_creation_input_tokens: 5000,
          cache_creation: { ephemeral_5m_input_tokens: 2000, ephemeral_1h_input_tokens: 3000 },
          output_tokens: 500,
        },
      },
    }),
    usd: 0.065,
    lines: [
      ['input', 1000, 5],
      ['cached', 10_000, 0.5],
      ['cache_write', 2000, 6.25],
      ['cache_write_1h', 3000, 10],
      ['output', 500, 25],
    ],
  },
  {
    name: 'Gemini: thoughts are counted beside what was written, and billed with it',
    model: 'flash',
    answer: gemini(
      {
        promptTokenCount: 1000,
        candidatesTokenCount: 100,
        thoughtsTokenCount: 900,
        totalTokenCount: 2000,
      },
      'gemini-2.5-flash',
    ),
    usd: 0.0028,
    lines: [
      ['input', 1000, 0.3],
      ['output', 1000, 2.5],
    ],
  },
  {
    name: 'DeepSeek: hits and misses at peak in Beijing',
    model: 'v4-flash',
    answer: DEEPSEEK,
    at: '2026-11-23T02:00:00Z',
    usd: 0.02312,
    lines: [
      ['input', 20_000, 0.44],
      ['cached', 80_000, 0.014],
      ['output', 10_000, 1.32],
    ],
  },
  {
    name: 'DeepSeek: the same off-peak',
    model: 'v4-flash',
    answer: DEEPSEEK,
    at: '2026-11-23T05:00:00Z',
    usd: 0.01156,
    lines: [
      ['input', 20_000, 0.22],
      ['cached', 80_000, 0.007],
      ['output', 10_000, 0.66],
    ],
  },
  {
    name: 'DeepSeek: the same at the peak hour of a Saturday',
    model: 'v4-flash',
    answer: DEEPSEEK,
    at: '2026-11-21T02:00:00Z',
    usd: 0.01156,
    lines: [
      ['input', 20_000, 0.22],
      ['cached', 80_000, 0.007],
      ['output', 10_000, 0.66],
    ],
  },
  {
    name: 'reasoning that a vendor leaves out of its count of what was written is billed',
    model: 'grok',
    answer: openAi(GROK, 'grok-3-mini'),
    usd: 0.000_133_05,
    lines: [
      ['input', 1, 0.3],
      ['cached', 290, 0.075],
      ['output', 222, 0.5],
    ],
  },
];

test.each(INVOICES)('$name', async ({ model, answer, at, usd, lines }) => {
  const { cost, attempts } = await recordOf(model, answer, at);
  expect(cost).toBe(usd);
  const [attempt] = attempts;
  expect(attempt?.price?.lines.map((line) => [line.bucket, line.tokens, line.usd_per_million])).toEqual(lines);
  expect(attempt?.price).toMatchObject({ basis: 'list', unknown: null, nano_usd: Math.round(usd * 1e9) });
  // Every token is in one line, and there are as many as the vendor says.
  expect(lines.reduce((sum, [, tokens]) => sum + tokens, 0)).toBe(attempt?.usage?.total_tokens);
});

describe('what others got wrong', () => {
  test('cache hits charged twice: what was read from a cache is not charged as new too', async () => {
    const usage = {
      promptTokenCount: 270_508,
      cachedContentTokenCount: 231_720,
      candidatesTokenCount: 2000,
      totalTokenCount: 272_508,
    };
    const { cost, attempts } = await recordOf('gemini', gemini(usage));
    expect(cost).toBe(0.1849);
    expect(cost).not.toBe(0.7642);
    expect(attempts[0]?.price?.terms).toBe('prompts above 200000 tokens');
  });

  test('warm caches that cost more than cold ones: they cost less', async () => {
    const usage = { prompt_tokens: 10_000, completion_tokens: 10, total_tokens: 10_010 };
    const cold = await recordOf('gpt-4o', openAi(usage));
    const warm = await recordOf('gpt-4o', openAi({ ...usage, prompt_tokens_details: { cached_tokens: 9000 } }));
    expect(warm.cost).toBeLessThan(cold.cost ?? 0);
  });

  test.each([
    [
      'more cached than read',
      { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, prompt_tokens_details: { cached_tokens: 6 } },
      /cached/,
    ],
    ['a total that is not the sum', { prompt_tokens: 5, completion_tokens: 5, total_tokens: 11 }, /not the 11/],
    [
      'more reasoned than written',
      {
        prompt_tokens: 11,
        completion_tokens: 10,
        total_tokens: 21,
        completion_tokens_details: { reasoning_tokens: 11 },
      },
      /reasoning/,
    ],
  ])('sums of counts that contradict each other: unknown, with the reason (%s)', async (_name, usage, reason) => {
    const { cost, attempts } = await recordOf('gpt-4o', openAi(usage));
    expect(cost).toBeNull();
    expect(attempts[0]?.price?.unknown).toMatch(reason);
  });

  test('only reasoning tokens billed: all that was written is', async () => {
    const usage = {
      prompt_tokens: 0,
      completion_tokens: 1000,
      total_tokens: 1000,
      completion_tokens_details: { reasoning_tokens: 10 },
    };
    expect((await recordOf('gpt-5', openAi(usage, 'gpt-5'))).cost).toBe(0.01);
  });

  test.each([
    [
      'a model without a price',
      'gpt-next',
      openAi({ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 }, 'gpt-next'),
      null,
    ],
    ['an answer without usage', 'gpt-4o', completion({ members: { usage: null } }), 'the vendor reported no usage'],
    [
      'a usage of nothing',
      'gpt-4o',
      openAi({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
      'the vendor reported no usage',
    ],
  ])('unknown logged as free: it is null (%s)', async (_name, model, answer, unknown) => {
    const { cost, attempts } = await recordOf(model, answer);
    expect(cost).toBeNull();
    expect(attempts[0]?.cost).toBeNull();
    expect(attempts[0]?.price?.unknown ?? null).toBe(unknown);
  });

  test('broken answers counted as free: what they cost is unknown, and may have been billed', async () => {
    wallTimeMs = Date.parse(SUNDAY_NOON);
    upstream.play(body('{"id":"chatcmpl-1","choices":[{"ind'));
    const response = await gateway.post('/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES });
    const { error } = (await response.json()) as { error: { candor: { id: string } } };
    const record = recordSchema.parse(await gateway.record(error.candor.id));
    expect(record.cost).toBeNull();
    expect(record.attempts[0]).toMatchObject({
      cost: null,
      possibly_billed: true,
      price: { nano_usd: null, unknown: 'nothing is reported of an answer that broke off' },
    });
  });

  test('the price of another variant: what the vendor itself says it charges counts, and the arithmetic stays', async () => {
    const { cost, attempts } = await recordOf('grok', openAi({ ...GROK, cost_in_usd_ticks: 2_000_000 }, 'grok-3-mini'));
    expect(cost).toBe(0.0002);
    expect(attempts[0]?.price).toMatchObject({
      basis: 'reported',
      nano_usd: 200_000,
      in: 0.3,
      source: expect.stringMatching(/:\d+$/),
      lines: [{ bucket: 'input' }, { bucket: 'cached' }, { bucket: 'output' }],
    });
  });

  test.each([{ inference_geo: 'us' }, { speed: 'fast' }])(
    'what is billed apart makes the cost unknown: %j',
    async (member) => {
      wallTimeMs = Date.parse(SUNDAY_NOON);
      upstream.play(json(anthropicMessage()));
      const request = { model: 'claude', max_tokens: 100, messages: MESSAGES, ...member };
      const response = await gateway.post('/v1/messages', request);
      const record = recordSchema.parse(await gateway.record(response.headers.get('request-id') ?? ''));
      expect([response.status, record.cost]).toEqual([200, null]);
      expect(record.attempts[0]?.price?.unknown).toBe(`\`${Object.keys(member)[0] ?? ''}\` is billed apart`);
    },
  );

  test('another model that serves is charged for what it is, and one that nobody knows for nothing known', async () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 };
    const served = (model: string): JsonObject => completion({ members: { usage, model } });
    expect((await recordOf('gpt-5', served('gpt-5-2025-08-07'))).cost).toBe(0.01125);
    expect((await recordOf('gpt-5', served('gpt-5-mini'))).cost).toBe(0.00225);
    expect((await recordOf('gpt-5', served('gpt-5-else'))).cost).toBeNull();
    // A snapshot may cost other than the name that was asked.
    expect((await recordOf('gpt-4o', served('gpt-4o-2024-05-13'))).cost).toBe(0.02);
    expect((await recordOf('gpt-4o', served('gpt-4o-2026-01-01'))).cost).toBe(0.0125);
    // What the operator wrote down for the deployment holds.
    expect((await recordOf('grok', served('grok-4-mini'))).cost).toBe(0.0008);
  });

  describe('the service tier that served decides, whatever was asked', () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 };
    const openAiAnswer = (tier: string): JsonObject =>
      completion({ members: { usage, model: 'gpt-5', service_tier: tier } });
    const claudeAnswer = (members: JsonObject): JsonObject =>
      anthropicMessage({ members: { usage: { input_tokens: 1000, output_tokens: 1000, ...members } } });
    const geminiAnswer = (members: JsonObject): JsonObject =>
      gemini({ promptTokenCount: 1000, candidatesTokenCount: 1000, totalTokenCount: 2000, ...members });

    test.each<[string, JsonObject, JsonObject, number | null]>([
      ['gpt-5', { service_tier: 'flex' }, openAiAnswer('flex'), 0.005625],
      ['gpt-5', { service_tier: 'flex' }, openAiAnswer('default'), 0.01125],
      ['gpt-5', {}, openAiAnswer('flex'), 0.005625],
      ['gpt-5', {}, openAiAnswer('priority'), null],
      ['claude', {}, claudeAnswer({ service_tier: 'standard', inference_geo: 'global' }), 0.03],
      ['claude', {}, claudeAnswer({ service_tier: 'priority' }), null],
      ['claude', {}, claudeAnswer({ inference_geo: 'us' }), null],
      ['gemini', {}, geminiAnswer({ serviceTier: 'standard' }), 0.01125],
      ['gemini', {}, geminiAnswer({ trafficType: 'ON_DEMAND' }), 0.01125],
      ['gemini', {}, geminiAnswer({ serviceTier: 'priority' }), null],
      ['gemini', {}, geminiAnswer({ trafficType: 'PROVISIONED_THROUGHPUT' }), null],
    ])('%s asked with %j', async (model, asked, answer, usd) => {
      wallTimeMs = Date.parse(SUNDAY_NOON);
      upstream.play(json(answer));
      const response = await gateway.post('/v1/chat/completions', { model, messages: MESSAGES, ...asked });
      expect(response.headers.get('x-candor-cost-usd')).toBe(String(usd));
    });

    test('in a stream too', async () => {
      // Only the first event names it.
      const [first = '', ...rest] = openAiStream(['Hello']).events;
      const named = first.replace('"model":"gpt-4o', '"service_tier":"priority","model":"gpt-4o');
      upstream.play(eventStream([named, ...rest], 'clean'));
      const request = { model: 'gpt-4o', stream: true, messages: MESSAGES };
      const response = await gateway.post('/v1/chat/completions', request);
      await response.text();
      const record = recordSchema.parse(await gateway.record(response.headers.get('x-request-id') ?? ''));
      expect(record.cost).toBeNull();
      expect(record.attempts[0]?.price?.unknown).toBe('no price is known for the service tier priority');
    });
  });

  test('what a vendor says it charges is known without any price', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11, cost: 0.0125, is_byok: false };
    const { cost, attempts } = await recordOf('gpt-next', openAi(usage, 'gpt-next'));
    expect(cost).toBe(0.0125);
    expect(attempts[0]?.price).toMatchObject({ basis: 'reported', in: null, as_of: null, nano_usd: 12_500_000 });
  });

  test('the vendor’s own invoice of a recorded answer is met to the last digit', async () => {
    const { cost } = await recordOf('grok', openAi(GROK, 'grok-3-mini'));
    // xAI told of that answer: 1,330,500 ticks of a ten thousand millionth of a dollar.
    expect(cost).toBe(1_330_500 / 1e10);
  });
});
