import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test, vi } from 'vitest';

import { systemClock } from '../src/core/clock.ts';
import type { JsonObject } from '../src/core/json.ts';
import { learnt } from './support/comparing.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { LEGAL_CONFIG, legalQuestion } from './support/legal-set.ts';
import { startRawUpstream } from './support/raw-upstream.ts';

let gateway: TestGateway | null = null;
afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

interface Listed extends JsonObject {
  readonly id: string;
  readonly aside?: { readonly purpose: string; readonly of: string };
  readonly cost: number | null;
}

function shadowing(shadow: string): string {
  return LEGAL_CONFIG.replace('    fallback: certified', `    fallback: certified\n    shadow: ${shadow}`);
}

async function start(shadow: string, more: Partial<Parameters<typeof startTestGateway>[0]> = {}): Promise<TestGateway> {
  gateway = await startTestGateway({ config: shadowing(shadow), ...more });
  return gateway;
}

async function ask(of: TestGateway, index: number, more: JsonObject = {}): Promise<string> {
  const answer = await of.post('/v1/chat/completions', {
    model: 'legal',
    messages: [...legalQuestion(index)],
    ...more,
  });
  await answer.text();
  return answer.headers.get('x-request-id') ?? '';
}

async function asides(of: TestGateway): Promise<readonly Listed[]> {
  const page = (await (await fetch(`${of.url}/v1/generations?limit=100&aside=shadow`)).json()) as { data: Listed[] };
  return page.data.filter(({ aside, status }) => aside !== undefined && status !== 'running');
}

async function metric(of: TestGateway, outcome: string): Promise<number> {
  const text = await (await fetch(`${of.url}/metrics`)).text();
  const line = text
    .split('\n')
    .find((each) => each.startsWith(`candor_shadow_requests_total{route="legal",outcome="${outcome}"}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function decisions(of: TestGateway): Promise<readonly JsonObject[]> {
  const headers = { authorization: `Bearer ${of.adminToken}` };
  const list = (await (await fetch(`${of.url}/admin/decisions`, { headers })).json()) as { data: JsonObject[] };
  return list.data.filter(({ kind }) => kind === 'shadow');
}

test('a drawn request is asked again of each other model, once it is answered, and the pairs are noted', async () => {
  const live = await start('{ sample: 50%, budget: $5/day }', { draw: () => 0.49 });
  const id = await ask(live, 1, { stream: true, temperature: 0.9 });
  await vi.waitFor(async () => expect(await metric(live, 'paired')).toBe(2));
  const shadows = await asides(live);
  expect(new Map(shadows.map((each) => [each['served_by'], each.aside]))).toEqual(
    new Map(['anthropic/claude-opus', 'google/gemini-flash'].map((name) => [name, { purpose: 'shadow', of: id }])),
  );
  for (const { id: shadow } of shadows) {
    const record = await live.record(shadow);
    expect(record).toMatchObject({ route: 'legal', stream: true, fallback: null, degraded: null });
    expect((record['adjustments'] as JsonObject[]).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['capped', 'brief']),
    );
    expect(record['request']).toMatchObject({ sha256: ((await live.record(id))['request'] as JsonObject)['sha256'] });
  }
});

test('a request that was not drawn is not; nor is one that another model or a fault answered, nor one of ours', async () => {
  let draw = 0.5;
  const live = await start('{ sample: 50%, budget: $5/day, models: [claude-opus] }', { draw: () => draw });
  await ask(live, 1);
  draw = 0;
  await live.post(
    '/v1/chat/completions',
    { model: 'legal', messages: [...legalQuestion(2)] },
    { 'x-candor-sim': 'openai=slow:5' },
  );
  await live.post('/v1/chat/completions', { model: 'gpt-4o', messages: [...legalQuestion(3)] });
  // Tasks begin in their order: when this one is done, an earlier one would be too.
  await ask(live, 4);
  await vi.waitFor(async () => expect(await metric(live, 'paired')).toBe(1));
  expect(await asides(live)).toHaveLength(1);
});

test('a fault that the client gave somebody else is none of the shadow’s', async () => {
  const live = await start('{ sample: 100%, budget: $5/day, models: [claude-opus] }', { draw: () => 0 });
  const question = { model: 'legal', messages: [...legalQuestion(1)] };
  await live.post('/v1/chat/completions', question, { 'x-candor-sim': 'anthropic=invent' });
  await vi.waitFor(async () => expect(await metric(live, 'paired')).toBe(1));
  const [shadow] = await asides(live);
  expect((await live.record(shadow?.id ?? ''))['attempts']).toMatchObject([{ kind: 'ok', sim_fault: null }]);
});

test('none of it is learnt from', async () => {
  const twin = await start('{ sample: 100%, budget: $5/day }', { draw: () => 0.999 });
  await ask(twin, 1);
  await vi.waitFor(async () => expect(await metric(twin, 'paired')).toBe(2));
  const withShadows = await learnt(twin);
  await twin.close();
  const plain = await startTestGateway({ config: LEGAL_CONFIG, draw: () => 0.999 });
  gateway = plain;
  await ask(plain, 1);
  const figures = (of: unknown): unknown => {
    const { counted, ...rest } = of as { readonly counted: readonly string[] };
    // Times differ from run to run.
    return { ...rest, counted: counted.filter((line) => !/seconds|_per_|cost/.test(line)) };
  };
  expect(figures(withShadows)).toEqual(figures(await learnt(plain)));
});

test('nothing is asked beyond the budget of the day, also after a restart; the next day there is a new one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'candor-shadow-'));
  let now = Date.parse('2026-03-04T22:00:00Z');
  const terms = { clock: { ...systemClock, wallTime: () => now }, draw: () => 0, directory };
  const before = await start('{ sample: 100%, budget: $0.003/day, models: [claude-opus] }', terms);
  await ask(before, 7);
  await vi.waitFor(async () => expect(await metric(before, 'paired')).toBe(1));
  await before.close();
  const live = await start('{ sample: 100%, budget: $0.003/day, models: [claude-opus] }', terms);
  for (let index = 0; index < 4; index++) {
    await ask(live, index);
    const done = index + 1;
    await vi.waitFor(async () =>
      expect((await metric(live, 'paired')) + (await metric(live, 'budget_spent'))).toBe(done),
    );
  }
  const paired = await metric(live, 'paired');
  expect(paired).toBeGreaterThan(0);
  expect(paired).toBeLessThan(3);
  const spent = (await asides(live)).reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  expect(spent).toBeGreaterThanOrEqual(0.003);
  expect(spent - ((await asides(live))[0]?.cost ?? 0)).toBeLessThan(0.003);
  expect(await decisions(live)).toMatchObject([
    {
      deployment: 'anthropic/claude-opus',
      route: 'legal',
      what: 'budget_spent',
      reason: expect.stringMatching(/of \$0\.0030 are spent today/) as string,
    },
  ]);
  now += 3 * 3600 * 1000;
  await ask(live, 9);
  await vi.waitFor(async () => expect(await metric(live, 'paired')).toBe(paired + 1));
  await live.close();
  gateway = null;
  rmSync(directory, { recursive: true });
});

test('an answer whose cost nobody knows is not asked for', async () => {
  const config = shadowing('{ sample: 100%, budget: $5/day }').replace('id: claude-opus-4-8', 'id: unheard-of');
  const live = await start('', { config, draw: () => 0 });
  await ask(live, 1);
  await vi.waitFor(async () => {
    expect([await metric(live, 'budget_spent'), await metric(live, 'paired')]).toEqual([1, 1]);
  });
  expect(await decisions(live)).toMatchObject([
    { what: 'budget_spent', reason: 'what claude-opus costs is not known' },
  ]);
});

test('the client does not wait, two are asked at a time, 32 wait, and what is more is dropped and counted', async () => {
  const upstream = await startRawUpstream(() => undefined);
  try {
    const live = await start('{ sample: 100%, budget: $5/day, models: [claude-opus] }', {
      draw: () => 0,
      upstreams: { anthropic: upstream.url },
    });
    for (let index = 0; index < 36; index++) await ask(live, index);
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(2));
    expect(await metric(live, 'queue_full')).toBe(2);
    expect(await decisions(live)).toMatchObject([{ what: 'queue_full', reason: '32 wait' }]);
    // What waits is given up when the gateway ends, and what is under way is ended.
    await live.close();
    gateway = null;
    expect(upstream.requests).toHaveLength(2);
  } finally {
    await upstream.close();
  }
});

test('what nobody answers makes no pair', async () => {
  const live = await start('{ sample: 100%, budget: $5/day }', { draw: () => 0 });
  live.simulator.control.addFault({ target: 'anthropic', fault: 'outage', status: 503 });
  await ask(live, 1, { tools: [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }] });
  await vi.waitFor(async () => expect([await metric(live, 'failed'), await metric(live, 'paired')]).toEqual([1, 1]));
});
