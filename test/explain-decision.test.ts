import { afterEach, expect, test } from 'vitest';
import type { z } from 'zod';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema } from './support/http-schemas.ts';
import { ManualClock, simulatorClockOf } from './support/manual-clock.ts';
import { simulatedConfig } from './support/simulated-config.ts';
import { sendAtRate } from './support/traffic.ts';

const MESSAGES = [{ role: 'user', content: 'Name three rivers.' }];

let gateway: TestGateway;
afterEach(() => gateway.close());

type Explanation = z.infer<typeof explanationSchema>;

async function explained(body: object): Promise<Explanation> {
  const response = await gateway.post('/v1/candor/explain', { messages: MESSAGES, ...body });
  return explanationSchema.parse(await response.json());
}

async function ask(model: string, count: number, simulated?: string): Promise<void> {
  const headers: Record<string, string> = simulated === undefined ? {} : { 'x-candor-sim': simulated };
  for (let sent = 0; sent < count; sent++) {
    const response = await gateway.post('/v1/chat/completions', { model, messages: MESSAGES }, headers);
    await response.arrayBuffer();
  }
}

const planned = ({ plan }: Explanation): readonly string[] => plan.map(({ deployment }) => deployment);

test('an open circuit, why it is open, who stands in, and how that would be marked', async () => {
  gateway = await startTestGateway({
    config: simulatedConfig(['pair: { try: [gpt-4o, claude-haiku], fallback: degraded }']),
  });
  gateway.simulator.control.addFault({ target: 'openai', fault: 'outage', status: 503 });
  await ask('pair', 12);
  const explanation = await explained({ model: 'pair' });
  expect(explanation.candidates).toMatchObject([
    { circuit: 'open', verdict: 'excluded', reasons: [{ rule: 'circuit', need: 'closed', evidence: 'measured' }] },
    { circuit: 'closed', verdict: 'eligible', reasons: [] },
  ]);
  expect(explanation.candidates[0]?.reasons[0]?.have).toMatch(/\d/);
  expect(planned(explanation)).toEqual(['anthropic/claude-haiku']);
  const notes = explanation.notes.join('\n');
  expect(notes).toContain('one candidate only');
  expect(notes).toContain('openai/gpt-4o would be asked first');
  expect(notes).toContain('marked degraded (uncertified)');
  // The brief of who stands in is the very one it then gets.
  const response = await gateway.post('/v1/chat/completions', { model: 'pair', messages: MESSAGES });
  const { candor } = (await response.json()) as { candor: { adjustments: object[] } };
  expect(explanation.plan[0]?.adjustments).toEqual(candor.adjustments);
  expect(await explained({ model: 'gpt-4o' })).toMatchObject({
    plan: [],
    then: { http: 503, code: 'no_available_deployment' },
  });
});

test('a vendor that asked to be left alone', async () => {
  gateway = await startTestGateway({ config: simulatedConfig(['alone: { try: [gpt-4o] }']) });
  gateway.simulator.control.addFault({ target: 'openai', fault: 'rate_limit', retry_after_s: 600 });
  await ask('alone', 1);
  expect(await explained({ model: 'alone' })).toMatchObject({
    candidates: [{ circuit: 'cooling', reasons: [{ rule: 'rate_limited' }] }],
    plan: [],
    then: { http: 429, code: 'upstream_rate_limited' },
  });
});

test('objectives in the units of the config, with the line, as best effort and as a refusal', async () => {
  const slo = 'try: [gpt-4o], slo: { cost_per_request: 0.00001 }';
  gateway = await startTestGateway({
    config: simulatedConfig([`soft: { ${slo} }`, `hard: { ${slo}, slo_policy: fail }`]),
  });
  const before = await explained({ model: 'soft' });
  expect(before.candidates[0]?.objectives).toEqual([
    { name: 'cost_per_request', limit: 0.00001, value: null, n: 0, met: null },
  ]);
  for (const route of ['soft', 'hard']) await ask(route, 8);
  const soft = await explained({ model: 'soft' });
  const [objective] = soft.candidates[0]?.objectives ?? [];
  expect(objective).toMatchObject({ limit: 0.00001, met: false });
  expect(objective?.value).toBeGreaterThan(0.00001);
  expect(objective?.value).toBeLessThan(0.1);
  expect(soft).toMatchObject({ candidates: [{ verdict: 'eligible' }], then: { http: null } });
  expect(soft.notes.join('\n')).toContain('openai/gpt-4o is a last resort, and its answer marked degraded (slo)');
  const hard = await explained({ model: 'hard' });
  expect(hard).toMatchObject({
    candidates: [
      {
        verdict: 'excluded',
        reasons: [{ rule: 'slo.cost_per_request', need: 0.00001, have: objective?.value, at: 'candor.yaml:15' }],
      },
    ],
    plan: [],
    then: { http: 503, code: 'no_available_deployment' },
  });
});

test('measured times, and that the order of the config is no longer the cheapest', async () => {
  const clock = new ManualClock();
  const config = simulatedConfig(['pair: { try: [gpt-4o, gpt-4o-mini] }', 'swift: { try: [gpt-4o], pick: fastest }']);
  gateway = await startTestGateway({ config, clock, simulatorClock: simulatorClockOf(clock) });
  const first = await explained({ model: 'pair' });
  expect(first.candidates[0]?.estimate).toMatchObject({ ttft_p50_ms: null, ttft_p95_ms: null, n: 0 });
  expect(first.notes.join('\n')).toContain(
    'no times are measured yet for a prompt of this size on this route: openai/gpt-4o, openai/gpt-4o-mini',
  );
  const body = { model: 'pair', messages: MESSAGES, stream: true };
  await sendAtRate(gateway, clock, { perSecond: 2, seconds: 10, body });
  gateway.simulator.control.addFault({ target: 'gpt-4o', fault: 'outage', status: 503 });
  await sendAtRate(gateway, clock, { perSecond: 2, seconds: 10, body });
  gateway.simulator.control.reset();
  await sendAtRate(gateway, clock, { perSecond: 1, seconds: 25, body });
  const { candidates, notes } = await explained({ model: 'pair' });
  for (const { estimate } of candidates) {
    expect(estimate.n).toBeGreaterThanOrEqual(8);
    expect(estimate.ttft_p50_ms).toBeGreaterThan(0);
    expect(estimate.ttft_p95_ms).toBeGreaterThanOrEqual(estimate.ttft_p50_ms ?? Infinity);
  }
  const note = notes.find((each) => each.includes('`pick: ordered`')) ?? '';
  const [dear = 0, cheap = Infinity] = [...note.matchAll(/([\d.e-]+) USD/g)].map(([, usd]) => Number(usd));
  expect(note).toMatch(/asks openai\/gpt-4o first.*openai\/gpt-4o-mini misses no objective either/);
  expect(cheap).toBeGreaterThan(0);
  expect(cheap).toBeLessThan(dear);
  // A model that is asked for the first time on a route of the fastest is tried; a single one has nobody to be tried against.
  expect((await explained({ model: 'swift' })).notes.join('\n')).not.toContain('now and then');
});

test('who is tried now and then, and that an order is drawn', async () => {
  const config = simulatedConfig([
    'swift: { try: [gpt-4o, claude-haiku], pick: fastest }',
    'mixed: { try: [{ model: gpt-4o, weight: 3 }, claude-haiku], pick: weighted }',
  ]);
  gateway = await startTestGateway({ config });
  const { notes } = await explained({ model: 'swift' });
  expect(notes).toContain(
    'now and then a request asks anthropic/claude-haiku first, to find out how it does: it is not measured yet',
  );
  expect((await explained({ model: 'mixed' })).notes).toContain(
    '`pick: weighted` draws the order anew for each request',
  );
});

test('what a candidate may cost against what the request allows', async () => {
  gateway = await startTestGateway({
    config: simulatedConfig(['pair: { try: [gpt-4o, gpt-4o-mini], fallback: degraded }']),
  });
  const limited = { model: 'pair', max_tokens: 100, candor: { max_cost_usd: 0.0005 } };
  expect(await explained(limited)).toMatchObject({
    candidates: [
      { verdict: 'excluded', reasons: [{ rule: 'max_cost', need: 0.0005 }] },
      { verdict: 'eligible', reasons: [] },
    ],
  });
  const none = { ...limited, candor: { max_cost_usd: 0.000001 } };
  expect(await explained(none)).toMatchObject({ plan: [], then: { http: 402, code: 'max_cost_exceeded' } });
  const answer = await gateway.post('/v1/chat/completions', { messages: MESSAGES, ...none });
  expect(answer.status).toBe(402);
  const record = await gateway.record(answer.headers.get('x-request-id') ?? '');
  expect(record['candidates']).toMatchObject([
    { verdict: 'excluded', reasons: [{ rule: 'max_cost' }] },
    { verdict: 'excluded', reasons: [{ rule: 'max_cost' }] },
  ]);
});

test('the rules that were tried for `auto`, also those that failed, and that none matches', async () => {
  const config = `${simulatedConfig(['pair: { try: [gpt-4o] }'])}rules:
  - { when: 'tags.team == "legal"', route: pair }
  - { when: 'tokens > 100000', route: pair }
  - { when: '"quick" in tags', route: pair }
`;
  gateway = await startTestGateway({ config });
  const matched = await explained({ model: 'auto', candor: { tags: { quick: '1' } } });
  expect(matched).toMatchObject({
    route: 'pair',
    chosen_by: { by: 'rule', at: 'candor.yaml:18' },
    rules: [{ at: 'candor.yaml:16', outcome: 'failed' }, { outcome: 'no' }, { outcome: 'matched', problem: null }],
  });
  expect(matched.notes.join('\n')).toMatch(
    /^the rule at candor\.yaml:16 could not be evaluated: \S.*; so it did not match$/m,
  );
  const long = await explained({ model: 'auto', candor: { tokens: 100_001, tags: { team: 'sales' } } });
  expect(long).toMatchObject({
    chosen_by: { at: 'candor.yaml:17' },
    rules: [{ outcome: 'no' }, { outcome: 'matched' }],
  });
  const none = await explained({ model: 'auto' });
  expect(none).toMatchObject({
    route: null,
    chosen_by: { by: 'rule', at: null },
    candidates: [],
    plan: [],
    then: { http: 400, code: 'invalid_request' },
  });
  expect(none.rules).toHaveLength(3);
  expect((await explained({ model: 'pair' })).rules).toEqual([]);
});
