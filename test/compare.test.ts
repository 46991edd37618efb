import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { isJsonObject, type JsonObject } from '../src/core/json.ts';
import { askToCompare, compare, learnt } from './support/comparing.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { LEGAL_CONFIG, legalQuestion, legalSet } from './support/legal-set.ts';
import { startRawUpstream } from './support/raw-upstream.ts';

const LIVE = 5;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: LEGAL_CONFIG });
  for (let index = 0; index < LIVE - 1; index++) {
    const messages = [...legalQuestion(index)];
    if (index > 0) await gateway.client.chat.completions.create({ model: 'legal', messages });
    else
      for await (const _ of await gateway.client.chat.completions.create({ model: 'legal', messages, stream: true }));
  }
  const [question] = legalQuestion(LIVE - 1);
  const asked = { model: 'claude-opus', max_tokens: 200, messages: [question] };
  await (await gateway.post('/v1/messages', asked, { 'x-candor-route': 'legal' })).json();
});
afterAll(() => gateway.close());

interface Report extends JsonObject {
  readonly model: string;
  readonly failed: JsonObject;
  readonly pairs: number;
  readonly standing: JsonObject | null;
}

function result(lines: readonly JsonObject[]): JsonObject & { readonly models: readonly Report[] } {
  const last = lines.at(-1);
  if (last?.['type'] !== 'result') throw new Error(JSON.stringify(last));
  return last as JsonObject & { readonly models: readonly Report[] };
}

/** Of every generation on record, newest first. */
async function records(of = gateway): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await (
      await fetch(`${of.url}/v1/generations?limit=100&aside=any${cursor && `&cursor=${cursor}`}`)
    ).json();
    found.push(...(page as { data: JsonObject[] }).data);
    cursor = (page as { next_cursor: string | null }).next_cursor;
  }
  return found;
}

async function refused(body: JsonObject): Promise<unknown> {
  const response = await askToCompare(gateway, body);
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return [response.status, error.code, error.param];
}

describe('what it would cost', () => {
  test('is told before anything is asked', async () => {
    const before = (await records()).length;
    const [estimate, ...others] = await compare(gateway, { route: 'legal', last: 3 });
    expect(others).toEqual([]);
    expect(estimate).toMatchObject({
      type: 'estimate',
      reference: 'gpt-4o',
      design: { kind: 'compare', sampling: 'latest 3' },
      items: 3,
      runs: 9,
      models: [{ model: 'gpt-4o', deployment: 'openai/gpt-4o' }, { model: 'claude-opus' }, { model: 'gemini-flash' }],
      skipped: { not_kept: 0 },
    });
    const [low = 0, high = 0] = (estimate as { cost_band: readonly number[] }).cost_band;
    expect(estimate?.['cost']).toBeGreaterThan(low);
    expect(estimate?.['cost']).toBeLessThan(high);
    expect(await records()).toHaveLength(before);
  });

  test('is not known where a price is not', async () => {
    const config = LEGAL_CONFIG.replace(
      'claude-opus: { at: anthropic, id: claude-opus-4-8 }',
      'claude-opus: { at: anthropic, id: unheard-of }',
    );
    const other = await startTestGateway({ config });
    try {
      const [estimate] = await compare(other, { route: 'legal', set: [...legalSet(2)] });
      expect(estimate).toMatchObject({ items: 2, cost: null, cost_band: null, models: [{}, { cost: null }, {}] });
    } finally {
      await other.close();
    }
  });

  test('counts every answer that a request wants, and says what it leaves out', async () => {
    const models = ['gpt-4o', 'gemini-flash'];
    const set = legalSet(3).map((item) => ({ ...item, n: 4, max_tokens: 40 }));
    const lines = await compare(gateway, { route: 'legal', set, models, confirm: true });
    const [, high = 0] = (lines[0] as { cost_band: readonly number[] }).cost_band;
    expect(result(lines)['cost']).toBeLessThanOrEqual(high);
    expect(lines[0]).toMatchObject({ not_counted: [] });

    const judged = LEGAL_CONFIG.replace(
      '[citations]',
      '[citations, { judge: { model: gpt-4o, rubric: Is it right? } }]',
    );
    const other = await startTestGateway({ config: judged });
    try {
      const [estimate] = await compare(other, { route: 'legal', set: [...legalSet(1)] });
      expect(estimate).toMatchObject({ cost: expect.any(Number) as number, cost_band: null, not_counted: ['judge'] });
    } finally {
      await other.close();
    }
  });
});

describe('a comparison of recorded requests', () => {
  test('asks each model what clients asked, the others in the place of the first, and counts in nothing else', async () => {
    const live = (await records()).filter((record) => record['aside'] === undefined);
    expect(live).toHaveLength(LIVE);
    const before = await learnt(gateway);

    const lines = await compare(gateway, {
      route: 'legal',
      last: 50,
      confirm: true,
      models: ['gpt-4o', 'claude-opus'],
    });
    const { models, items, stopped } = result(lines);
    expect({ items, stopped }).toEqual({ items: LIVE, stopped: null });
    expect(models).toMatchObject([
      { model: 'gpt-4o', asked: LIVE, answered: LIVE, valid: { passed: LIVE, failed: 0, unknown: 0 }, standing: null },
      { model: 'claude-opus', pairs: LIVE, refused: 0, standing: { state: 'collecting', certificate: null } },
    ]);
    expect(models[1]?.standing?.['missing']).toEqual([
      { name: 'refusal', source: 'validator', pairs: 216 - LIVE },
      { name: 'valid', source: 'validator', pairs: 216 - LIVE },
      { name: 'grounded', source: 'validator', pairs: 216 - LIVE },
    ]);
    expect(await learnt(gateway)).toEqual(before);

    const pairs = lines.filter(({ type }) => type === 'pair') as (JsonObject & {
      item: string;
      generations: { from: string; to: string };
    })[];
    expect(new Set(pairs.map(({ item }) => item))).toEqual(new Set(live.map(({ id }) => id)));
    for (const { item, generations } of pairs) {
      const [from, to] = [await gateway.record(generations.from), await gateway.record(generations.to)];
      const aside = { purpose: 'compare', of: item };
      expect(from).toMatchObject({ aside, route: 'legal', served_by: 'openai/gpt-4o', degraded: null });
      expect(to).toMatchObject({ aside, route: 'legal', served_by: 'anthropic/claude-opus', degraded: null });
      const adjusted = (record: Record<string, unknown>): readonly unknown[] =>
        (record['adjustments'] as readonly JsonObject[]).filter(({ kind }) => kind === 'brief');
      expect([adjusted(from).length, adjusted(to).length]).toEqual([0, 1]);
      const original = await gateway.record(item);
      expect((from['request'] as JsonObject)['sha256']).toBe((original['request'] as JsonObject)['sha256']);
    }
  });

  test('compares what clients asked only, and only what came before its price was told', async () => {
    const first = await compare(gateway, { route: 'legal' });
    expect(first[0]).toMatchObject({ items: LIVE });
    await gateway.client.chat.completions.create({ model: 'legal', messages: [...legalQuestion(90)] });
    const { until = null } = first[0] ?? {};
    expect((await compare(gateway, { route: 'legal', until }))[0]).toMatchObject({ items: LIVE });
    expect((await compare(gateway, { route: 'legal' }))[0]).toMatchObject({ items: LIVE + 1 });
  });
});

describe('a comparison of a set', () => {
  test('counts an item once, by what it asks, and scores by what was expected', async () => {
    const ask = (content: string, expected?: string): JsonObject => ({
      messages: [{ role: 'user', content }],
      ...(expected === undefined ? {} : { expected }),
    });
    const set = [ask('Is it lawful?', 'yes'), ask('Is it fair?', 'no'), ask('Is it lawful?', 'no')];
    const lines = await compare(gateway, { route: 'legal', set, models: ['gpt-4o', 'gemini-flash'], confirm: true });
    expect(lines[0]).toMatchObject({
      items: 2,
      skipped: { duplicates: 1 },
      design: { kind: 'golden', sampling: 'set of 2' },
    });
    const scores = lines
      .filter(({ type }) => type === 'pair')
      .flatMap((pair) => pair['scores'] as readonly JsonObject[]);
    expect(scores.filter(({ metric }) => metric === 'score')).toEqual([
      { metric: 'score', source: 'label', from: 0, to: 0 },
      { metric: 'score', source: 'label', from: 0, to: 0 },
    ]);
    expect(result(lines).models[1]).toMatchObject({ pairs: 2, ttft_p50_ms: expect.any(Number) as number });
  });

  test('leaves out what nobody answered, and says so', async () => {
    gateway.simulator.control.addFault({ target: 'anthropic', fault: 'outage', status: 503 });
    try {
      const lines = await compare(gateway, { route: 'legal', set: [...legalSet(3)], confirm: true });
      const [, claude, gemini] = result(lines).models;
      expect(claude).toMatchObject({ asked: 3, answered: 0, pairs: 0, standing: { state: 'collecting' } });
      expect(Object.values(claude?.failed ?? {})).toEqual([3]);
      expect(gemini).toMatchObject({ answered: 3, pairs: 3 });
      expect(lines.filter(({ type }) => type === 'progress').map(({ done }) => done)).toEqual([1, 2, 3]);
    } finally {
      gateway.simulator.control.reset();
    }
  });

  test('asks no more than may be spent', async () => {
    const lines = await compare(gateway, { route: 'legal', set: [...legalSet(40)], confirm: true, max_cost_usd: 0.03 });
    const { stopped, cost, items } = result(lines);
    expect(stopped).toBe('max_cost');
    expect(cost).toBeLessThanOrEqual(0.03);
    expect(items).toBeGreaterThan(2);
  });

  test('does not ask eight at a time before it knows what one costs, nor one that is expected to cost too much', async () => {
    const terms = { route: 'legal', set: [...legalSet(40)], confirm: true, concurrency: 8 };
    const some = result(await compare(gateway, { ...terms, max_cost_usd: 0.02 }));
    expect(some).toMatchObject({ stopped: 'max_cost' });
    expect(some['cost']).toBeGreaterThan(0);
    expect(some['cost']).toBeLessThanOrEqual(0.02);
    const none = result(await compare(gateway, { ...terms, max_cost_usd: 0.00001 }));
    expect(none).toMatchObject({ stopped: 'max_cost', cost: 0, items: 0 });
  });

  test('ends when whoever asked for it goes', async () => {
    const asked = (await records()).length;
    const gone = new AbortController();
    const response = await askToCompare(
      gateway,
      { route: 'legal', set: [...legalSet(60)], confirm: true },
      gone.signal,
    );
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('"type":"pair"')) text += Buffer.from((await reader?.read())?.value ?? '').toString();
    gone.abort();
    await vi.waitFor(async () => {
      expect((await askToCompare(gateway, { route: 'legal' })).status).toBe(200);
    }, 10_000);
    const ended = (await records()).length;
    expect(ended - asked).toBeLessThan(120);
    expect((await records()).filter(({ status }) => status === 'running')).toEqual([]);
  });
});

test('a comparison uses up no trial of those that were not measured yet', async () => {
  const config = LEGAL_CONFIG.replace('    fallback: certified', '    pick: fastest');
  const servedAfter = async (items: number): Promise<readonly unknown[]> => {
    const fresh = await startTestGateway({ config, draw: () => 0 });
    try {
      if (items > 0) await compare(fresh, { route: 'legal', set: [...legalSet(items)], confirm: true });
      const served: unknown[] = [];
      for (let index = 0; index < 6; index++) {
        const messages = [...legalQuestion(index)];
        const answer = await fresh.client.chat.completions.create({ model: 'legal', messages });
        const { decision } = (await fresh.record(answer.id)) as { decision: { inputs: { candidates: JsonObject[] } } };
        served.push(decision.inputs.candidates.map(({ trial_due: isDue }) => isDue));
      }
      return served;
    } finally {
      await fresh.close();
    }
  };
  expect(await servedAfter(3)).toEqual(await servedAfter(0));
});

test('one comparison runs at a time', async () => {
  const upstream = await startRawUpstream();
  const arrived = new Promise<void>((resolve) => {
    upstream.play(() => resolve());
  });
  const held = await startTestGateway({ config: LEGAL_CONFIG, upstreams: { openai: upstream.url } });
  const gone = new AbortController();
  try {
    const first = await askToCompare(held, { route: 'legal', set: [...legalSet(1)], confirm: true }, gone.signal);
    expect(first.status).toBe(200);
    await arrived;
    const second = await askToCompare(held, { route: 'legal' });
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ error: { code: 'comparison_running' } });
    gone.abort();
    await vi.waitFor(async () => {
      expect((await askToCompare(held, { route: 'legal' })).status).toBe(200);
    }, 10_000);
    expect((await records(held)).map(({ status }) => status)).toEqual(['cancelled']);
  } finally {
    await held.close();
    await upstream.close();
  }
});

test('what cannot be compared is refused by the name of what is wrong', async () => {
  const set = [...legalSet(1)];
  expect((await gateway.post('/admin/compare', { route: 'legal' })).status).toBe(401);
  expect(await refused({ route: 'leagl' })).toEqual([404, 'model_not_found', 'route']);
  expect(await refused({ route: 'legal', models: ['gpt-4o', 'claude'] })).toEqual([404, 'model_not_found', 'models']);
  expect(await refused({ route: 'legal', models: ['gpt-4o'] })).toEqual([400, 'invalid_request', 'models']);
  expect(await refused({ route: 'legal', set, last: 3 })).toEqual([400, 'invalid_request', 'last']);
  expect(await refused({ route: 'legal', last: 0 })).toEqual([400, 'param_out_of_range', 'last']);
  expect(await refused({ route: 'legal', items: 3 })).toEqual([400, 'unsupported_parameter', 'items']);
  expect(await refused({ route: 'legal', set: [] })).toEqual([400, 'param_out_of_range', 'set']);
  expect(await refused({ route: 'legal', set: [{ messages: 'x' }] })).toEqual([400, 'invalid_type', 'set[0].messages']);
  const own = { ...set[0], model: 'gpt-4o' };
  expect(await refused({ route: 'legal', set: [own] })).toEqual([400, 'unsupported_parameter', 'set[0].model']);
});

test('every pair is in the ledger, and says nothing of what was asked', async () => {
  const { exportRecords } = await import('../src/ledger/export-records.ts');
  const terms = { sinceMs: null, untilMs: null, bodies: false, events: true };
  const events = [...exportRecords(`${gateway.directory}/state`, terms)].filter((event) => event['object'] === 'pair');
  expect(events.length).toBeGreaterThan(LIVE);
  for (const { body } of events) {
    expect(isJsonObject(body) && Object.keys(body).toSorted()).toEqual([
      'checks',
      'design',
      'from',
      'generations',
      'item',
      'route',
      'scores',
      'strict',
      'to',
    ]);
    expect(JSON.stringify(body)).not.toMatch(/tenant|lawful/i);
  }
});
