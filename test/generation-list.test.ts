import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
/** Every generation asked for, the newest first. */
const asked: { readonly id: string; readonly route: string; readonly status: string }[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
  const messages = [{ role: 'user', content: 'Which clause limits the damages?' }];
  for (let index = 0; index < 27; index++) {
    const route = index % 3 === 0 ? 'summarize' : 'extract';
    const headers = index % 9 === 4 ? { 'x-candor-sim': 'gpt-4o=503' } : {};
    const response = await gateway.post('/v1/chat/completions', { model: route, messages }, headers);
    asked.unshift({
      id: response.headers.get('x-request-id') ?? '',
      route,
      status: response.ok ? 'complete' : 'failed',
    });
    await response.text();
  }
});
afterAll(() => gateway.close());

interface List {
  readonly object: string;
  readonly data: readonly Record<string, unknown>[];
  readonly next_cursor: string | null;
}

async function list(query: string): Promise<List> {
  const response = await fetch(`${gateway.url}/v1/generations${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as List;
}

const ids = (page: List): readonly unknown[] => page.data.map((record) => record['id']);

describe('GET /v1/generations', () => {
  test('shows the newest first, twenty a page, and goes on where the page ended', async () => {
    const first = await list('');
    expect(first.object).toBe('list');
    expect(ids(first)).toEqual(asked.slice(0, 20).map(({ id }) => id));
    const second = await list(`?cursor=${first.next_cursor}`);
    expect(ids(second)).toEqual(asked.slice(20).map(({ id }) => id));
    expect(second.next_cursor).toBeNull();
    expect(ids(await list('?limit=100'))).toHaveLength(27);
  });

  test('shows each as it is found by its id, without bodies', async () => {
    const [newest] = (await list('?limit=1')).data;
    const found = await gateway.record(String(newest?.['id']));
    const without = (attempt: object): object => ({
      ...attempt,
      sent: expect.objectContaining({ body: null }) as object,
      received: expect.objectContaining({ body: null }) as object,
    });
    expect(found['content']).toBe('kept');
    expect(newest).toEqual({
      ...found,
      request: { ...(found['request'] as object), body: null },
      attempts: (found['attempts'] as object[]).map(without),
    });
  });

  test('shows what the filters say, and nothing else', async () => {
    const fallbacks = asked.filter((_, index) => (26 - index) % 9 === 4).map(({ id }) => id);
    expect(fallbacks.length).toBeGreaterThan(1);
    expect(ids(await list('?route=summarize&limit=50'))).toEqual(
      asked.filter(({ route }) => route === 'summarize').map(({ id }) => id),
    );
    expect(ids(await list('?fallback=true'))).toEqual(fallbacks);
    expect(ids(await list('?fallback=upstream_overloaded'))).toEqual(fallbacks);
    expect(ids(await list('?fallback=true&model=gpt-4o'))).toEqual([]);
    expect(ids(await list('?status=complete&data=public&limit=100'))).toHaveLength(27);
    expect(ids(await list('?key=nobody'))).toEqual([]);
    expect(ids(await list('?deployment=openai%2Fgpt-4o&route=extract&limit=100'))).toHaveLength(18 - fallbacks.length);
    const [, , third] = (await list('?limit=3')).data;
    const created = String(third?.['created_at']);
    const since = (await list(`?since=${created}&limit=100`)).data;
    expect(since.length).toBeGreaterThanOrEqual(3);
    expect(since.every((record) => String(record['created_at']) >= created)).toBe(true);
    const until = (await list(`?until=${Date.parse(created)}&limit=100`)).data;
    expect(until.length + since.length).toBe(27);
    const offset = new Date(Date.parse(created) + 7_200_000).toISOString().replace('Z', '+02:00');
    expect(ids(await list(`?since=${offset}&limit=100`))).toHaveLength(since.length);
  });

  test.each([
    ['colour=blue', 'unsupported_parameter', 'colour', /it takes route/],
    ['staus=failed', 'unsupported_parameter', 'staus', /did you mean `status`/],
    ['limit=0', 'param_out_of_range', 'limit', /1 to 100/],
    ['limit=101', 'param_out_of_range', 'limit', /1 to 100/],
    ['limit=ten', 'param_out_of_range', 'limit', /1 to 100/],
    ['status=done', 'param_out_of_range', 'status', /one of running, complete/],
    ['since=yesterday', 'param_out_of_range', 'since', /ISO time/],
    ['until=2026-11-22T10:00:00', 'param_out_of_range', 'until', /its zone/],
    ['until=2026-13-41', 'param_out_of_range', 'until', /ISO time/],
    ['cursor=abc', 'param_out_of_range', 'cursor', /next_cursor/],
    ['route=', 'unsupported_parameter', 'route', /is empty/],
    ['route=a&route=b', 'unsupported_parameter', 'route', /twice/],
  ])('refuses ?%s', async (query, code, param, message) => {
    const response = await fetch(`${gateway.url}/v1/generations?${query}`);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code, param });
    expect(error['message']).toMatch(message);
  });
});
