import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { instantClock } from '../clock.ts';
import { type Simulator, startSimulator } from '../simulator.ts';

const SMALL = 'text-embedding-3-small';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    clock: instantClock(),
    providers: {
      openai: { kind: 'openai', models: { [SMALL]: 'small', 'text-embedding-ada-002': 'ada', 'gpt-4o': 'gpt-4o' } },
      google: { kind: 'google', models: { 'gemini-embedding-001': 'gemini', 'gemini-2.5-flash': 'gemini-flash' } },
    },
  });
});
afterAll(() => simulator.close());

async function post(provider: string, path: string, body: object): Promise<[number, Record<string, unknown>]> {
  const response = await fetch(`${simulator.urls[provider]}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

const openai = (body: object): Promise<[number, Record<string, unknown>]> =>
  post('openai', '/embeddings', { model: SMALL, ...body });
const gemini = (
  requests: readonly object[],
  model = 'gemini-embedding-001',
): Promise<[number, Record<string, unknown>]> => post('google', `/models/${model}:batchEmbedContents`, { requests });
const text = (words: string, members: object = {}): object => ({
  model: 'models/gemini-embedding-001',
  content: { parts: [{ text: words }] },
  ...members,
});

test('the same text gets the same vector, of length one', async () => {
  const [status, first] = await openai({ input: ['a', 'b', 'a'], dimensions: 8 });
  const vectors = (first['data'] as { embedding: number[] }[]).map(({ embedding }) => embedding);
  expect(status).toBe(200);
  expect(vectors[0]).toEqual(vectors[2]);
  expect(vectors[0]).not.toEqual(vectors[1]);
  expect(Math.hypot(...(vectors[0] ?? []))).toBeCloseTo(1, 12);
  expect(await openai({ input: ['a', 'b', 'a'], dimensions: 8 })).toEqual([200, first]);
  expect(first).toMatchObject({ model: 'sim-small', usage: { prompt_tokens: 3, total_tokens: 3 } });
});

test('Gemini’s have no usage and no model', async () => {
  const [status, answer] = await gemini([text('a', { outputDimensionality: 4, taskType: 'RETRIEVAL_QUERY' })]);
  expect([status, Object.keys(answer)]).toEqual([200, ['embeddings']]);
  expect(answer['embeddings']).toEqual([{ values: [1, 2, 3, 4].map(() => expect.any(Number)) }]);
});

describe('refused as the vendors do', () => {
  test.each<[string, object, number]>([
    ['a model that chats', { model: 'gpt-4o', input: 'a' }, 403],
    ['an unknown model', { model: 'none', input: 'a' }, 404],
    ['an unknown member', { input: 'a', task: 'x' }, 400],
    ['no input', {}, 400],
    ['an empty input', { input: '' }, 400],
    ['an unknown format', { input: 'a', encoding_format: 'int8' }, 400],
    ['too long a vector', { input: 'a', dimensions: 1537 }, 400],
    ['a length from a model without', { model: 'text-embedding-ada-002', input: 'a', dimensions: 8 }, 400],
    ['too long a text', { input: 'a '.repeat(8193) }, 400],
  ])('by OpenAI: %s', async (_name, body, status) => {
    expect(await openai(body)).toMatchObject([status, { error: { message: expect.any(String) } }]);
  });

  test.each<[string, readonly object[], string, number]>([
    ['a model that chats', [text('a')], 'gemini-2.5-flash', 404],
    ['no request', [], 'gemini-embedding-001', 400],
    ['101 requests', Array.from({ length: 101 }, () => text('a')), 'gemini-embedding-001', 400],
    ['another model', [text('a', { model: 'models/other' })], 'gemini-embedding-001', 400],
    ['an unknown member', [text('a', { dimensions: 4 })], 'gemini-embedding-001', 400],
    ['no text', [text('a', { content: { parts: [] } })], 'gemini-embedding-001', 400],
  ])('by Google: %s', async (_name, requests, model, status) => {
    expect(await gemini(requests, model)).toMatchObject([status, { error: { message: expect.any(String) } }]);
  });
});
