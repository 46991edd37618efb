import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { readExposition } from './support/exposition.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  odd: { at: openai, id: "gpt \\"4\\"\\n{x}" }
routes:
  legal: { try: [gpt-4o, claude-opus], fallback: degraded }
`;
const MESSAGES = [{ role: 'user', content: 'What is a lien on a heronry?' }];
const DOCS = readFileSync(new URL('../docs/telemetry.md', import.meta.url), 'utf8');

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

async function scrape(): Promise<string> {
  const response = await fetch(`${gateway.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return await response.text();
}

/** The value of a series; `null` when there is none. */
async function value(series: string): Promise<number | null> {
  const line = (await scrape()).split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}

async function ask(body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const response = await gateway.post('/v1/chat/completions', { model: 'legal', messages: MESSAGES, ...body }, headers);
  await response.clone().text();
  return response;
}

const admin = (): RequestInit => ({ headers: { authorization: `Bearer ${gateway.adminToken}` } });

describe('after some traffic', () => {
  beforeAll(async () => {
    await ask();
    await ask({ stream: true });
    await ask({ stream: true, model: 'gpt-4o' });
    await ask({}, { 'x-candor-sim': 'openai=503' });
    await ask({ model: 'unheard-of' });
    // What has ended is counted once its last byte has gone out.
    const last = 'candor_generations_total{route="",dialect="openai-chat",status="failed",code="model_not_found"}';
    await vi.waitFor(async () => expect(await value(last)).toBe(1));
  });

  test('requests and attempts are counted', async () => {
    const answered = 'candor_generations_total{route="legal",dialect="openai-chat",status="complete",code=""}';
    expect(await value(answered)).toBe(3);
    expect(await value('candor_fallbacks_total{route="legal"}')).toBe(1);
    expect(await value('candor_degraded_total{route="legal",reason="uncertified"}')).toBe(1);
    const attempt = 'candor_attempts_total{deployment="openai/gpt-4o",route="legal",why="primary",outcome=';
    expect([await value(`${attempt}"accepted"}`), await value(`${attempt}"failed"}`)]).toEqual([2, 1]);
    const failure = 'candor_attempt_failures_total{deployment="openai/gpt-4o",route="legal",kind="overloaded"}';
    expect(await value(failure)).toBe(1);
    const streamed = (route: string): string =>
      `candor_first_content_seconds_count{deployment="openai/gpt-4o",route="${route}",size="0-500"}`;
    expect([await value(streamed('legal')), await value(streamed(''))]).toEqual([1, 1]);
    const cost = 'candor_cost_usd_total{deployment="openai/gpt-4o",route="legal",simulated=';
    expect([await value(`${cost}"true"}`), await value(`${cost}"false"}`)]).toEqual([expect.any(Number), null]);
    expect(await value('candor_circuits{deployment="openai/gpt-4o",state="closed"}')).toBe(1);
  });

  test('nothing of what clients sent is in it, and no key', async () => {
    const text = await scrape();
    for (const word of ['unheard-of', 'heronry', 'gen_', 'secret', gateway.adminToken])
      expect(text).not.toContain(word);
  });

  test('are told in a text that a strict reader takes, histograms and all', async () => {
    const metrics = readExposition(await scrape());
    expect(metrics.get('candor_generation_duration_seconds')?.type).toBe('histogram');
    const labels = metrics.get('candor_deployment_info')?.samples.map((sample) => sample.labels);
    expect(labels).toContainEqual({
      deployment: 'openai/odd',
      provider: 'openai',
      model: 'odd',
      simulated: 'true',
    });
  });

  test('a hundred names that clients make up are one series', async () => {
    const series = async (): Promise<number> =>
      [...readExposition(await scrape()).values()].reduce((sum, { samples }) => sum + samples.length, 0);
    const before = await series();
    const failed = 'candor_generations_total{route="",dialect="openai-chat",status="failed",code="model_not_found"}';
    const failedBefore = (await value(failed)) ?? 0;
    const made = Array.from({ length: 100 }, (_, index) => `made-up "${index}"\n{}`);
    await Promise.all(made.map((model) => ask({ model })));
    await Promise.all(
      made.map((model) => ask({ model }, { 'x-candor-route': 'legal', 'x-candor-tags': 'team=made-up' })),
    );
    await vi.waitFor(async () => expect(await value(failed)).toBe(failedBefore + 100));
    expect(await series()).toBe(before);
    expect(await scrape()).not.toContain('made-up');
  });

  test('every metric the docs name is there, and every one that is there is in the docs', async () => {
    const served = [...(await scrape()).matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
    const [, table = ''] = /\n\| metric +\|[^\n]+\n\| -+[^\n]+\n((?:\|[^\n]+\n)+)/.exec(DOCS) ?? [];
    const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    expect(documented.toSorted()).toEqual(served.toSorted());
  });

  test('every alarm is described, and its expression names metrics and labels that exist', async () => {
    const text = await scrape();
    const rules = [...DOCS.matchAll(/- alert: (\w+)\n\s+expr: (.+)/g)].map(([, name = '', expr = '']) => ({
      name,
      expr,
    }));
    const described = [...DOCS.matchAll(/^\| `(Candor\w+)` +\| \S[^|]+\| \S[^|]+\|$/gm)].map(([, name]) => name);
    expect(rules.length).toBeGreaterThanOrEqual(10);
    expect(described).toEqual(rules.map(({ name }) => name));
    for (const { name, expr } of rules) {
      const selectors = [...expr.matchAll(/(candor_\w+?)(?:_bucket)?\b(?:\{(\w+)[=~])?/g)];
      expect(selectors.length, name).toBeGreaterThan(0);
      for (const [, metric = '', label] of selectors) {
        expect(text, name).toMatch(new RegExp(`^# TYPE ${metric} `, 'm'));
        const row = new RegExp(`^\\| \`${metric}\` +\\|([^|]*)\\|`, 'm').exec(DOCS)?.[1] ?? '';
        if (label !== undefined) expect(row, `${name}: ${metric}`).toContain(`\`${label}\``);
      }
    }
  });

  test('the list of models says what was measured, to OpenAI’s SDKs', async () => {
    const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as {
      data: { id: string; candor: { measured?: Record<string, unknown>[]; circuit?: object } }[];
    };
    const candorOf = (id: string) => list.data.find((entry) => entry.id === id)?.candor;
    expect(candorOf('openai/gpt-4o')?.circuit).toEqual({ state: 'closed', reason: null, retry_in_ms: null });
    expect(candorOf('openai/gpt-4o')?.measured?.map(({ route }) => route)).toEqual(['legal', null]);
    const [first, second] = candorOf('legal')?.measured ?? [];
    expect([first?.['deployment'], second?.['deployment']]).toEqual(['openai/gpt-4o', 'anthropic/claude-opus']);
    expect(first?.['errors']).toMatchObject({ overloaded: expect.closeTo(1, 1) });
    // Nobody has checked an answer: that is not a share of 0.
    expect(first?.['valid_rate']).toEqual({ n: 0, share: null });
    expect(candorOf('gpt-4o')).not.toHaveProperty('measured');
    const anthropic = await fetch(`${gateway.url}/anthropic/v1/models/openai/gpt-4o`);
    expect(((await anthropic.json()) as { candor: object }).candor).not.toHaveProperty('measured');
  });
});

describe('an operator', () => {
  test('sees why a circuit opened, and closes it', async () => {
    for (let n = 0; n < 12; n++) await ask({ model: 'gpt-4o' }, { 'x-candor-sim': 'openai=503' });
    await expect.poll(() => value('candor_circuits{deployment="openai/gpt-4o",state="open"}')).toBe(1);
    const decisions = (await (await fetch(`${gateway.url}/admin/decisions?limit=1`, admin())).json()) as {
      data: object[];
    };
    expect(decisions).toMatchObject({ object: 'list', workers: 1, answered: 1 });
    expect(decisions.data).toEqual([
      expect.objectContaining({
        kind: 'circuit',
        deployment: 'openai/gpt-4o',
        what: 'open',
        reason: expect.stringMatching(/\d/),
      }),
    ]);

    const close = (query = ''): Promise<Response> =>
      fetch(`${gateway.url}/admin/circuits${query}`, { ...admin(), method: 'DELETE' });
    expect(await (await close('?deployment=anthropic/claude-opus')).json()).toMatchObject({ closed: 0 });
    expect(await (await close()).json()).toEqual({ object: 'circuits', workers: 1, answered: 1, closed: 1 });
    expect(await value('candor_circuits{deployment="openai/gpt-4o",state="closed"}')).toBe(1);
    expect((await ask({ model: 'gpt-4o' })).status).toBe(200);
    const changes = 'candor_decision_changes_total{kind="circuit",deployment="openai/gpt-4o",route="",what="closed"}';
    expect(await value(changes)).toBe(1);
  });

  test('sees the newest change first, also of those within one millisecond', async () => {
    const clock = new ManualClock();
    const still = await startTestGateway({ config: CONFIG, clock });
    try {
      const failing = { 'x-candor-sim': 'openai=503' };
      for (let n = 0; n < 8; n++)
        await still.post('/v1/chat/completions', { model: 'legal', messages: MESSAGES }, failing);
      await still.closeCircuits();
      const headers = { authorization: `Bearer ${still.adminToken}` };
      const list = async (query: string): Promise<readonly string[]> => {
        const { data } = (await (await fetch(`${still.url}/admin/decisions${query}`, { headers })).json()) as {
          data: { what: string }[];
        };
        return data.map(({ what }) => what);
      };
      expect(await list('')).toEqual(['closed', 'open']);
      expect(await list('?limit=1')).toEqual(['closed']);
    } finally {
      await still.close();
    }
  });

  test('is told the nearest name, and what a query may hold', async () => {
    const send = async (path: string, method = 'GET'): Promise<unknown> => {
      const response = await fetch(gateway.url + path, { ...admin(), method });
      return [response.status, ((await response.json()) as { error: { code: string; message: string } }).error];
    };
    expect(await send('/admin/circuits?deployment=openai/gpt-40', 'DELETE')).toMatchObject([
      404,
      { code: 'model_not_found', message: expect.stringContaining('did you mean `openai/gpt-4o`?') },
    ]);
    expect(await send('/admin/decisions?since=yesterday')).toMatchObject([400, { code: 'param_out_of_range' }]);
    expect(await send('/admin/decisions?until=5')).toMatchObject([400, { code: 'unsupported_parameter' }]);
    expect(await send('/metrics?name=x')).toMatchObject([400, { code: 'unsupported_parameter' }]);
  });

  test.each(['GET /admin/decisions', 'GET /admin/telemetry', 'DELETE /admin/circuits'])(
    '%s takes the token',
    async (line) => {
      const [method = '', path = ''] = line.split(' ');
      expect((await fetch(gateway.url + path, { method })).status).toBe(401);
    },
  );
});

test.each([
  ['0.0.0.0', 401],
  ['127.0.0.1', 200],
])('a gateway that listens on %s answers %i to who has no token', async (host, status) => {
  const exposed = await startInjectedGateway({ host });
  try {
    expect((await fetch(`${exposed.url}/metrics`)).status).toBe(status);
    const headers = { authorization: 'Bearer unused' };
    expect((await fetch(`${exposed.url}/metrics`, { headers })).status).toBe(200);
  } finally {
    await exposed.close();
  }
});
