import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema } from './support/http-schemas.ts';

interface Explanation {
  readonly object: string;
  readonly asked: string;
  readonly route: string | null;
  readonly chosen_by: { readonly by: string; readonly at: string | null };
  readonly candidates: readonly {
    readonly deployment: string;
    readonly verdict: string;
    readonly reasons: readonly { readonly rule: string; readonly have: unknown }[];
    readonly circuit: string;
    readonly estimate: { readonly cost: null; readonly cost_band: readonly number[] | null; readonly n: number };
  }[];
  readonly plan: readonly {
    readonly deployment: string;
    readonly template: string | null;
    readonly adjustments: readonly object[];
  }[];
  readonly then: { readonly http: number | null; readonly code: string | null };
  readonly notes: readonly string[];
  readonly config: string;
}

const CONFIG = `
providers:
  openai: { sim: true }
  anthropic: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, prompt: { append: "Answer directly." } }
  deepseek-chat: { at: deepseek }
routes:
  legal: { try: [gpt-4o, claude-opus, deepseek-chat], params: { temperature: { max: 0.3 } }, fallback: degraded }
  alone: { try: [gpt-4o, claude-opus], fallback: off }
`;
const MESSAGES = [{ role: 'user', content: 'May a tenant withhold rent?' }];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

async function explained(body: object, headers: Readonly<Record<string, string>> = {}): Promise<Explanation> {
  const response = await gateway.post('/v1/candor/explain', body, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as Explanation;
}

async function refused(body: object): Promise<{ status: number; code: string; param: string | null }> {
  const response = await gateway.post('/v1/candor/explain', body);
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return { status: response.status, code: error.code, param: error.param };
}

const names = (steps: readonly { readonly deployment: string }[]): readonly string[] =>
  steps.map((step) => step.deployment);

describe('an explanation', () => {
  test('tells the plan, its changes and what is unknown, and nothing is sent or recorded', async () => {
    const before = gateway.simulator.received.length;
    const explanation = await explained({ model: 'legal', messages: MESSAGES, temperature: 0.9 });
    expect(explanation).toMatchObject({
      object: 'explanation',
      asked: 'legal',
      route: 'legal',
      chosen_by: { by: 'model', at: 'candor.yaml:11' },
      then: { http: 503, code: 'attempts_exhausted' },
    });
    expect(names(explanation.plan)).toEqual(['openai/gpt-4o', 'anthropic/claude-opus', 'deepseek/deepseek-chat']);
    expect(explanation.plan[0]?.adjustments).toEqual([
      { param: 'temperature', asked: 0.9, sent: 0.3, kind: 'capped', reason: 'route cap', at: 'candor.yaml:11' },
    ]);
    expect(explanation.plan[1]?.adjustments).toContainEqual(expect.objectContaining({ kind: 'brief' }));
    expect(explanation.candidates[0]).toMatchObject({
      circuit: 'closed',
      estimate: { cost: null, cost_band: null, n: 0 },
    });
    expect(gateway.simulator.received).toHaveLength(before);
    const response = await gateway.post('/v1/candor/explain', { model: 'legal', messages: MESSAGES });
    const record = await fetch(`${gateway.url}/v1/generations/${response.headers.get('x-request-id')}`);
    expect(record.status).toBe(404);
  });

  test.each([
    ['a route', { model: 'legal' }],
    ['a model', { model: 'claude-opus' }],
    ['a deployment', { model: 'deepseek/deepseek-chat' }],
    ['caps, hints and defaults', { model: 'legal', temperature: 1.7, seed: 3, max_tokens: 40 }],
    [
      'an emulated format',
      {
        model: 'deepseek-chat',
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'a',
            schema: {
              type: 'object',
              properties: { a: { type: 'string' } },
              required: ['a'],
              additionalProperties: false,
            },
          },
        },
      },
    ],
    ['a route that never falls back', { model: 'alone', temperature: 0 }],
  ])('is what then really happens: %s', async (_name, request) => {
    const body = { messages: MESSAGES, ...request };
    const explanation = await explained(body);
    const answer = (await (await gateway.post('/v1/chat/completions', body)).json()) as {
      candor: { served_by: string; adjustments: object[] };
    };
    expect(explanation.plan[0]?.deployment).toBe(answer.candor.served_by);
    expect(explanation.plan[0]?.adjustments).toEqual(answer.candor.adjustments);
  });

  test('of an outage names who would stand in, and so it is', async () => {
    const body = { model: 'legal', messages: MESSAGES };
    const explanation = await explained({ ...body, candor: { if: 'outage=openai' } });
    expect(names(explanation.plan)).toEqual(['anthropic/claude-opus', 'deepseek/deepseek-chat']);
    expect(explanation.candidates[0]).toMatchObject({
      verdict: 'excluded',
      circuit: 'open',
      reasons: [{ rule: 'circuit', have: 'outage=openai', evidence: 'assumed' }],
    });
    const response = await gateway.post('/v1/chat/completions', body, { 'x-candor-sim': 'openai=503' });
    const { candor } = (await response.json()) as { candor: { served_by: string; adjustments: object[] } };
    expect(candor.served_by).toBe('anthropic/claude-opus');
    expect(explanation.plan[0]?.adjustments).toEqual(candor.adjustments);
  });

  test('of an outage of everybody leaves no plan', async () => {
    const all = { if: 'outage=openai,outage=anthropic,outage=deepseek' };
    const explanation = await explained({ model: 'legal', messages: MESSAGES, candor: all });
    expect(explanation).toMatchObject({ plan: [], then: { http: 503, code: 'no_available_deployment' } });
  });

  test('bounds the cost where tokens, price and cap are known, and nowhere else', async () => {
    const explanation = await explained({
      model: 'gpt-4o',
      messages: MESSAGES,
      max_tokens: 100,
      candor: { tokens: 1000 },
    });
    // gpt-4o lists 2.50 and 10 dollars per million tokens.
    expect(explanation.candidates[0]?.estimate).toMatchObject({ cost: null, cost_band: [0.0025, 0.0035] });
    const open = await explained({ model: 'gpt-4o', messages: MESSAGES, candor: { tokens: 1000 } });
    expect(open.candidates[0]?.estimate.cost_band).toBeNull();
  });

  test('counts the prompt where nobody says how long it is', async () => {
    const explanation = await explained({ model: 'gpt-4o', messages: MESSAGES, max_tokens: 100 });
    const [least = 0, most = 0] = explanation.candidates[0]?.estimate.cost_band ?? [];
    // Ten dollars a million for a hundred tokens, and a prompt of a few words.
    expect(least).toBeGreaterThan(0);
    expect(most).toBeGreaterThan(0.001);
    expect(most).toBeLessThan(0.0012);
    expect(explanation.notes.join('\n')).toMatch(/the prompt at openai\/gpt-4o: \d+ tokens \(estimated, ±40 %\)/);
  });

  test('tells the usual cost once answers have shown how long they are', async () => {
    const own = await startTestGateway();
    try {
      const body = { model: 'gpt-4o', messages: MESSAGES };
      const costs: number[] = [];
      for (let answers = 0; answers < 8; answers++) {
        const answer = (await (await own.post('/v1/chat/completions', body)).json()) as { usage: { cost: number } };
        costs.push(answer.usage.cost);
      }
      const response = await own.post('/v1/candor/explain', body);
      const { candidates } = explanationSchema.parse(await response.json());
      const { cost, cost_band: band, n } = candidates[0]?.estimate ?? {};
      expect(n).toBe(8);
      const [least = 0, most = 0] = band ?? [];
      // All answers are alike; of the prompt it is known within two fifths what the simulator counts.
      for (const each of costs) expect(each >= least && each <= most, `${least} ${each} ${most}`).toBe(true);
      expect(cost).toBeGreaterThan(least);
      expect(cost).toBeLessThan(most);
    } finally {
      await own.close();
    }
  });

  test('says why nobody can, and what the client would hear', async () => {
    const request = { model: 'claude-opus', messages: MESSAGES, logit_bias: { '50256': -100 } };
    const explanation = await explained(request);
    expect(explanation).toMatchObject({
      candidates: [{ verdict: 'excluded', reasons: [{ rule: 'logit_bias' }] }],
      plan: [],
      then: { http: 400, code: 'unsupported_parameter' },
    });
    expect((await gateway.post('/v1/chat/completions', request)).status).toBe(400);
  });

  test.each([
    ['by header', {}, { 'x-candor-dry-run': '1' }],
    ['in the body', { candor: { dry_run: true } }, {}],
    ['of a stream', { stream: true, candor: { dry_run: true, if: 'outage=gpt-4o' } }, {}],
  ])('is had from the chat endpoint too: %s', async (_name, members, headers) => {
    const before = gateway.simulator.received.length;
    const response = await gateway.post(
      '/v1/chat/completions',
      { model: 'legal', messages: MESSAGES, ...members },
      headers,
    );
    expect(await response.json()).toMatchObject({ object: 'explanation', route: 'legal' });
    expect(gateway.simulator.received).toHaveLength(before);
  });

  test('x-candor-dry-run: 0 asks for an answer', async () => {
    const response = await gateway.post(
      '/v1/chat/completions',
      { model: 'gpt-4o', messages: MESSAGES },
      { 'x-candor-dry-run': '0' },
    );
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
  });

  test.each<readonly [string, object, object]>([
    ['an unknown model', { model: 'legl', messages: MESSAGES }, { status: 404, code: 'model_not_found' }],
    [
      'an unknown provider',
      { model: 'legal', messages: MESSAGES, candor: { if: 'outage=opnai' } },
      { status: 400, param: 'candor.if' },
    ],
    [
      'half a token',
      { model: 'legal', messages: MESSAGES, candor: { tokens: 0.5 } },
      { status: 400, param: 'candor.tokens' },
    ],
    ['a bad body', { model: 'legal' }, { status: 400, param: 'messages' }],
  ])('is refused for %s', async (_name, body, error) => {
    expect(await refused(body)).toMatchObject(error);
  });
});
