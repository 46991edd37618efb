import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';

import { readStream } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { expectSameFacts } from './support/provenance-headers.ts';
import { provenanceSchema, recordSchema, type ReadRecord } from './support/provenance-schema.ts';
import { SIMULATED_MODELS, type SimulatedModel } from './support/simulated-models.ts';

type Messages = OpenAI.ChatCompletionMessageParam[];
type Adjustment = z.infer<typeof provenanceSchema>['adjustments'][number];

const HELLO: Messages = [{ role: 'user', content: 'Hello' }];
const LEGAL: Messages = [
  { role: 'user', content: 'Who won in Smith v. Jones? Source: Smith v. Jones, 1901: the court found for Smith.' },
];
/** Long enough for every vendor's prompt cache. */
const LONG: Messages = [
  { role: 'user', content: `Summarize: ${'The tide came in and the boats left the harbour one by one. '.repeat(120)}` },
];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

async function readRecord(id: string): Promise<ReadRecord> {
  return recordSchema.parse(await gateway.record(id));
}

/** Cost of an attempt by its own usage and price, in whole nano-USD, reckoned apart from the code that recorded it. */
function reckon({ usage, price }: ReadRecord['attempts'][number]): number | null {
  if (usage === null || price === null) return null;
  const cached = usage.cached_tokens ?? 0;
  const written = usage.cache_write_tokens ?? 0;
  const buckets: (readonly [tokens: number, usdPerMillion: number | null])[] = [
    [(usage.prompt_tokens ?? 0) - cached - written, price.in],
    [cached, price.cached],
    [written, price.cache_write],
    [usage.completion_tokens ?? 0, price.out],
  ];
  let pico = 0;
  for (const [tokens, usdPerMillion] of buckets) {
    if (tokens === 0) continue;
    if (usdPerMillion === null) return null;
    pico += tokens * Math.round(usdPerMillion * 1_000_000);
  }
  const nano = Math.round(pico / 1000);
  expect(price.nano_usd).toBe(nano);
  return nano / 1_000_000_000;
}

/** The counts in a vendor's own words, as they stand in its answer. */
function vendorCounts(provider: SimulatedModel['provider'], body: string): Record<string, number | null> {
  const answer = JSON.parse(body) as { usage?: Record<string, number>; usageMetadata?: Record<string, number> };
  if (provider === 'anthropic') {
    const usage = answer.usage ?? {};
    const read = usage['cache_read_input_tokens'] ?? 0;
    return { prompt: (usage['input_tokens'] ?? 0) + read, completion: usage['output_tokens'] ?? 0, cached: read };
  }
  if (provider === 'google') {
    const usage = answer.usageMetadata ?? {};
    return {
      prompt: usage['promptTokenCount'] ?? 0,
      completion: (usage['candidatesTokenCount'] ?? 0) + (usage['thoughtsTokenCount'] ?? 0),
      cached: usage['cachedContentTokenCount'] ?? null,
    };
  }
  const usage = (answer.usage ?? {}) as Record<string, number> & { prompt_tokens_details?: { cached_tokens: number } };
  return {
    prompt: usage['prompt_tokens'] ?? 0,
    completion: usage['completion_tokens'] ?? 0,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
  };
}

describe.each(SIMULATED_MODELS)('the usage and cost of $model', ({ model, provider, reasons }) => {
  test('are the vendor’s counts times the price, cached tokens apart', async () => {
    await gateway.client.chat.completions.create({ model, messages: LONG });
    const { data: answer, response } = await gateway.client.chat.completions
      .create({ model, messages: LONG })
      .withResponse();
    const record = await readRecord(answer.id);
    const attempt = record.attempts[0];
    const counts = vendorCounts(provider, attempt?.received.body ?? '');
    const { usage } = answer;
    expect(usage).toMatchObject({ prompt_tokens: counts['prompt'], completion_tokens: counts['completion'] });
    expect(usage?.prompt_tokens_details?.cached_tokens ?? null).toBe(counts['cached']);
    // Anthropic caches only what it is told to.
    if (provider === 'anthropic') expect(counts['cached']).toBe(0);
    else expect(counts['cached']).toBeGreaterThan(1000);
    expect(attempt?.usage).toMatchObject({
      prompt_tokens: counts['prompt'],
      completion_tokens: counts['completion'],
      cached_tokens: counts['cached'],
      source: 'reported',
    });
    const cost = attempt === undefined ? null : reckon(attempt);
    expect(cost).toBeGreaterThan(0);
    expect(attempt?.cost).toBe(cost);
    expect(record.cost).toBe(cost);
    expect(usage).toMatchObject({ cost });
    expect(response.headers.get('x-candor-cost-usd')).toBe(String(cost));
  });

  test('count the reasoning where there is some', async () => {
    const answer = await gateway.client.chat.completions.create({ model, messages: HELLO });
    const reasoning = answer.usage?.completion_tokens_details?.reasoning_tokens;
    const shown = (answer.choices[0]?.message as { reasoning_content?: string } | undefined)?.reasoning_content;
    if (!reasons) {
      expect(reasoning ?? 0).toBe(0);
      expect(shown).toBeUndefined();
      return;
    }
    expect(reasoning).toBeGreaterThan(0);
    expect(reasoning).toBeLessThan(answer.usage?.completion_tokens ?? 0);
    expect(shown).toMatch(/\w/);
    expect((await readRecord(answer.id)).usage?.reasoning_tokens).toBe(reasoning);
  });
});

test('the thinking a Gemini model was asked for is counted as reasoning', async () => {
  const answer = await gateway.client.chat.completions.create({
    model: 'gemini-flash',
    messages: HELLO,
    reasoning_effort: 'low',
  });
  expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
});

test('a price nobody knows is null in every place, never nothing', async () => {
  const own = await startTestGateway({
    config: 'providers:\n  openai: { sim: true }\nmodels:\n  gpt-next: { at: openai, id: gpt-4o-next }\n',
  });
  try {
    const { data, response } = await own.client.chat.completions
      .create({ model: 'gpt-next', messages: HELLO })
      .withResponse();
    const record = recordSchema.parse(await own.record(data.id));
    expect(data.usage).toMatchObject({ cost: null });
    expect(response.headers.get('x-candor-cost-usd')).toBe('null');
    expect(record.cost).toBeNull();
    expect(record.attempts.map(({ cost, price }) => ({ cost, price }))).toEqual([{ cost: null, price: null }]);
    expect(record.usage?.completion_tokens).toBeGreaterThan(0);
  } finally {
    await own.close();
  }
});

/** What one request got changed, with the body that was sent in its place. */
async function changesOf(
  request: OpenAI.ChatCompletionCreateParamsNonStreaming,
  headers: Record<string, string> = {},
): Promise<{ readonly adjustments: readonly Adjustment[]; readonly sent: Record<string, unknown> }> {
  const { data, response } = await gateway.client.chat.completions.create(request, { headers }).withResponse();
  const candor = provenanceSchema.parse((data as { candor?: unknown }).candor);
  const { cost } = data.usage as unknown as { cost: number | null };
  expectSameFacts(response.headers, { id: data.id, candor, cost, streamed: false });
  const record = await readRecord(data.id);
  expect(record.adjustments).toEqual(candor.adjustments);
  expect(record.attempts.at(-1)?.adjustments).toEqual(candor.adjustments);
  return {
    adjustments: candor.adjustments,
    sent: JSON.parse(record.attempts.at(-1)?.sent.body ?? '') as Record<string, unknown>,
  };
}

describe('every change is an adjustment', () => {
  test('nothing at gpt-4o, whose bytes are the client’s own', async () => {
    const text = '{ "temperature":0.70,"model": "gpt-4o",\n "messages" :[{"role":"user","content":"Hello"}] }';
    const response = await gateway.post('/v1/chat/completions', text);
    const body = (await response.json()) as { id: string; candor: unknown };
    expect(provenanceSchema.parse(body.candor).adjustments).toEqual([]);
    expect(response.headers.get('x-candor-adjustments')).toBe('0');
    expect(gateway.simulator.received.at(-1)?.body).toBe(text);
    expect((await readRecord(body.id)).request.body).toBe(text);
  });

  test('a temperature at a model that takes none is dropped, and the cap it demands is chosen', async () => {
    const { adjustments, sent } = await changesOf({ model: 'claude-opus', messages: HELLO, temperature: 0.7 });
    const byName = adjustments.toSorted((one, other) => one.param.localeCompare(other.param));
    expect(byName).toEqual([
      {
        param: 'max_tokens',
        asked: null,
        sent: 128_000,
        kind: 'defaulted',
        reason: expect.any(String),
        at: 'anthropic',
      },
      { param: 'temperature', asked: 0.7, sent: null, kind: 'dropped', reason: expect.any(String), at: 'anthropic' },
    ]);
    expect(sent).not.toHaveProperty('temperature');
    expect(sent['max_tokens']).toBe(128_000);
  });

  test('a cap the client chose is not one', async () => {
    const { adjustments, sent } = await changesOf({ model: 'claude-haiku', messages: HELLO, max_tokens: 50 });
    expect(adjustments).toEqual([]);
    expect(sent['max_tokens']).toBe(50);
  });

  test('a temperature above what a model takes is clamped', async () => {
    const { adjustments, sent } = await changesOf({
      model: 'claude-haiku',
      messages: HELLO,
      temperature: 1.5,
      max_tokens: 50,
    });
    expect(adjustments).toMatchObject([{ param: 'temperature', asked: 1.5, sent: 1, kind: 'clamped' }]);
    expect(sent['temperature']).toBe(1);
  });

  test('a temperature above the cap of the route is capped, with the line that says so', async () => {
    const { adjustments, sent } = await changesOf({ model: 'legal', messages: LEGAL, temperature: 0.9 });
    expect(adjustments).toEqual([
      { param: 'temperature', asked: 0.9, sent: 0.3, kind: 'capped', reason: 'route cap', at: expect.any(String) },
    ]);
    expect(adjustments[0]?.at).toMatch(/^built-in:\d+$/);
    expect(sent['temperature']).toBe(0.3);
    const below = await changesOf({ model: 'legal', messages: LEGAL, temperature: 0.2 });
    expect(below.adjustments).toEqual([]);
  });

  test('the words a model’s prompt needs, and another name of the cap', async () => {
    const { adjustments, sent } = await changesOf({
      model: 'deepseek-chat',
      messages: HELLO,
      max_completion_tokens: 60,
    });
    expect(adjustments).toMatchObject([
      { param: 'messages', asked: null, sent: 'Never wrap the answer in a code fence.', kind: 'rewritten' },
      { param: 'max_completion_tokens', asked: 60, sent: 60, kind: 'renamed', at: 'deepseek' },
    ]);
    expect(sent).toMatchObject({ max_tokens: 60 });
    expect(sent).not.toHaveProperty('max_completion_tokens');
    expect(JSON.stringify(sent['messages'])).toContain('Never wrap the answer in a code fence.');
  });

  test('the brief a fallback gets, as the last words of its system section', async () => {
    const { adjustments, sent } = await changesOf(
      { model: 'legal', messages: LEGAL },
      { 'x-candor-sim': 'openai=503' },
    );
    const brief = adjustments.find((adjustment) => adjustment.kind === 'brief');
    expect(brief).toMatchObject({ param: 'messages', asked: null, at: 'built-in' });
    expect((sent['system'] as { text: string }[]).at(-1)?.text).toBe(brief?.sent);
    expect(brief?.sent).toContain('Use only facts and sources that are given');
  });
});

test('a fallback is told alike in the headers, the body and the record', async () => {
  const { data, response } = await gateway.client.chat.completions
    .create({ model: 'legal', messages: LEGAL }, { headers: { 'x-candor-sim': 'openai=503' } })
    .withResponse();
  const candor = provenanceSchema.parse((data as { candor?: unknown }).candor);
  const record = await readRecord(data.id);
  expect(candor).toMatchObject({
    asked: 'legal',
    route: 'legal',
    served_by: 'anthropic/claude-opus',
    fallback: { reason: 'upstream_overloaded', certificate: null },
    degraded: { reason: 'uncertified' },
  });
  expect(
    candor.attempts.map(({ deployment, status, kind, cost }) => ({ deployment, status, kind, free: cost === 0 })),
  ).toEqual([
    { deployment: 'openai/gpt-4o', status: 503, kind: 'overloaded', free: true },
    { deployment: 'anthropic/claude-opus', status: 200, kind: 'ok', free: false },
  ]);
  const { cost } = data.usage as unknown as { cost: number };
  expectSameFacts(response.headers, { id: data.id, candor, cost, streamed: false });
  expect(record.attempts.map(({ n, why, sim_fault }) => ({ n, why, sim_fault }))).toEqual([
    { n: 1, why: 'primary', sim_fault: '503' },
    { n: 2, why: 'fallback', sim_fault: null },
  ]);
  expect(record.attempts[0]?.upstream.error).toMatchObject({
    status: 503,
    message: expect.stringContaining('overloaded'),
  });
  expect(record.cost).toBe(record.attempts[1]?.cost);
  // Both bodies, as they went over the wire.
  const received = gateway.simulator.received.slice(-2).map((request) => request.body);
  expect(record.attempts.map((attempt) => attempt.sent.body)).toEqual(received);
  expect(record.candidates.map(({ deployment, verdict }) => `${deployment} ${verdict}`)).toEqual([
    'openai/gpt-4o tried',
    'anthropic/claude-opus tried',
    'google/gemini-flash eligible',
  ]);
});

test('a fallback of a stream is told in the headers before the first word, and in the last chunk', async () => {
  const { response } = await gateway.client.chat.completions
    .create({ model: 'legal', messages: LEGAL, stream: true }, { headers: { 'x-candor-sim': 'openai=503' } })
    .withResponse();
  const { chunks, fields, endsWithDone } = await readStream(response);
  expect({ fields, endsWithDone }).toEqual({ fields: ['data'], endsWithDone: true });
  expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set(['sim-claude-opus']));
  const last = chunks.at(-1);
  const id = String(last?.id);
  const candor = provenanceSchema.parse(last?.candor);
  expect(candor).toMatchObject({ fallback: { reason: 'upstream_overloaded' }, degraded: { reason: 'uncertified' } });
  const { cost, attempts } = await readRecord(id);
  expectSameFacts(response.headers, { id, candor, cost, streamed: true });
  expect(cost).toBe(attempts[1] === undefined ? null : reckon(attempts[1]));
});
