import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { simulatedConfig } from './support/simulated-config.ts';

let gateway: TestGateway;
beforeAll(async () => {
  const routes = [
    'task: { try: [claude-haiku] }',
    `briefed: { try: [priced, cheap], fallback: degraded, brief: ${'Mind the rules. '.repeat(200)} }`,
  ];
  const models = [
    'vectors: { at: openai, id: text-embedding-3-small }',
    'unpriced: { at: openai, id: my-tuned-model }',
    'priced: { at: anthropic, id: claude-haiku-4-5, price: { in: 1, out: 5, as_of: 2026-06-01 } }',
    'cheap: { at: openai, id: my-other-model, price: { in: 1, out: 5, as_of: 2026-06-01 } }',
  ];
  const config = simulatedConfig(routes).replace('models:', `models:\n  ${models.join('\n  ')}`);
  gateway = await startTestGateway({ config });
});
afterAll(() => gateway.close());

interface Refusal {
  readonly error: {
    readonly candor: { readonly refused: readonly { readonly rule: string; readonly have: number | null }[] };
  };
}

/** What one attempt may cost at the most: under a ceiling that is too low for anybody, the refusal says so. */
async function highest(path: string, body: object): Promise<number | null> {
  return (await highestOfEach(path, body))[0] ?? null;
}

async function highestOfEach(path: string, body: object): Promise<readonly (number | null)[]> {
  const response = await gateway.post(path, body, { 'x-candor-max-cost-usd': '0.000001' });
  const { error } = (await response.json()) as Refusal;
  expect(response.status).toBe(402);
  expect(error.candor.refused[0]?.rule).toBe('max_cost');
  return error.candor.refused.map(({ have }) => have);
}

describe('what a request may cost at the most', () => {
  const text = { type: 'text', text: 'Name three rivers. '.repeat(300) };
  const message = (part: object): object => {
    return { model: 'claude-haiku', max_tokens: 10, messages: [{ role: 'user', content: [part] }] };
  };

  test('counts the prompt at the price of the cache it is written to', async () => {
    const plain = await highest('/v1/messages', message(text));
    const cached = await highest('/v1/messages', message({ ...text, cache_control: { type: 'ephemeral' } }));
    expect(plain).toBeGreaterThan(0);
    expect(cached).toBeGreaterThanOrEqual((plain ?? Infinity) * 1.2);
  });

  test('is not known where writing to a cache is billed and has no price, and does not matter where it is not', async () => {
    const marked = { ...message({ ...text, cache_control: { type: 'ephemeral' } }) };
    expect(await highest('/v1/messages', { ...message(text), model: 'priced' })).toBeGreaterThan(0);
    expect(await highest('/v1/messages', { ...marked, model: 'priced' })).toBeNull();
    expect(await highest('/v1/messages', { ...marked, model: 'cheap' })).toBeGreaterThan(0);
  });

  test('counts the brief of who would stand in', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const [usual, standIn] = await highestOfEach('/v1/chat/completions', {
      model: 'briefed',
      max_tokens: 10,
      messages,
    });
    // 200 sentences of three words at a millionth of a dollar each.
    expect((standIn ?? 0) - (usual ?? 0)).toBeGreaterThan(0.0006);
  });

  test('is not known of tools that the vendor runs and bills apart', async () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    expect(await highest('/v1/messages', { ...message(text), tools })).toBeNull();
  });

  test('is not known of a model without a price', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    expect(await highest('/v1/chat/completions', { model: 'unpriced', max_tokens: 10, messages })).toBeNull();
  });

  test('is that of the texts alone for embeddings', async () => {
    const input = 'Name three rivers. '.repeat(300);
    const dear = (await highest('/v1/embeddings', { model: 'vectors', input })) ?? 0;
    expect(dear).toBeGreaterThan(0.000001);
    const allowed = await gateway.post(
      '/v1/embeddings',
      { model: 'vectors', input },
      { 'x-candor-max-cost-usd': (dear * 1.1).toFixed(6) },
    );
    expect(allowed.status).toBe(200);
  });
});
