import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema } from './support/http-schemas.ts';
import { ManualClock } from './support/manual-clock.ts';

const CONFIG = `
providers:
  openai: { sim: true }
  mirror: { kind: openai, sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  gpt-4o-mini: { at: mirror, price: { in: 1, out: 2, as_of: 2026-11-01 } }
  deepseek-chat: { at: deepseek, id: deepseek-v4-flash }
  unpriced: { at: mirror, id: nobody-knows }
routes:
  cheap: { try: [gpt-4o, deepseek-chat], pick: cheapest }
  any: { try: [gpt-4o, gpt-4o-mini, deepseek-chat, unpriced] }
`;
const BODY = { model: 'any', messages: [{ role: 'user', content: 'Name three rivers.' }] };

/** Monday noon UTC, which is evening in China: no peak hour there. */
const clock = new ManualClock();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG, clock });
});
afterAll(() => gateway.close());

type Explanation = z.infer<typeof explanationSchema>;

async function explainedIf(assumed: string | null, more: object = {}): Promise<Explanation> {
  const candor = assumed === null ? {} : { if: assumed };
  const response = await gateway.post('/v1/candor/explain', { ...BODY, ...more, candor });
  return explanationSchema.parse(await response.json());
}

const priceAt = (explanation: Explanation, deployment: string): Explanation['candidates'][number]['price'] =>
  explanation.candidates.find((each) => each.deployment === deployment)?.price ?? null;
const planned = ({ plan }: Explanation): readonly string[] => plan.map(({ deployment }) => deployment);

test('several outages at once, of a provider, a model and a deployment', async () => {
  const explanation = await explainedIf('outage=mirror, outage=gpt-4o,outage=deepseek/deepseek-chat');
  expect(explanation.candidates.map(({ circuit }) => circuit)).toEqual(['open', 'open', 'open', 'open']);
  expect(explanation).toMatchObject({ plan: [], then: { http: 503, code: 'no_available_deployment' } });
  const twice = await explainedIf('outage=openai,outage=mirror/unpriced');
  expect(planned(twice)).toEqual(['mirror/gpt-4o-mini', 'deepseek/deepseek-chat']);
  expect(twice.notes.join('\n')).toContain('assumed: outage=openai, outage=mirror/unpriced');
});

test('a clock sets the prices, from the next such moment on, and nothing that is measured', async () => {
  const now = priceAt(await explainedIf(null), 'deepseek/deepseek-chat');
  const later = await explainedIf('clock=10:00@Asia/Shanghai');
  const peak = priceAt(later, 'deepseek/deepseek-chat');
  expect(peak?.in).toBe((now?.in ?? 0) * 2);
  expect(peak?.out).toBe((now?.out ?? 0) * 2);
  expect(later.notes.join('\n')).toContain(
    'clock=10:00@Asia/Shanghai (prices of 2026-11-03T02:00:00.000Z; what was measured is of now)',
  );
  expect(priceAt(later, 'openai/gpt-4o')).toMatchObject({ in: 2.5, out: 10 });
});

test('a price is assumed of a provider, a model or a deployment, and the closest name counts', async () => {
  const of = async (assumed: string): Promise<unknown> => priceAt(await explainedIf(assumed), 'mirror/gpt-4o-mini');
  expect(await of('price.mirror.in=0.5')).toMatchObject({ in: 0.5, out: 2, source: 'assumed: price.mirror.in=0.5' });
  expect(await of('price.gpt-4o-mini.out=7')).toMatchObject({ in: 1, out: 7 });
  const all = 'price.mirror/gpt-4o-mini.in=3,price.gpt-4o-mini.in=2,price.mirror.in=1.5,price.mirror.out=9';
  expect(await of(all)).toMatchObject({ in: 3, out: 9 });
  expect(await of('price.openai.in=0.5')).toMatchObject({ in: 1, out: 2 });
});

test('a price that nobody knows can be assumed as a whole', async () => {
  expect(priceAt(await explainedIf('price.unpriced.in=1,price.unpriced.out=2'), 'mirror/unpriced')).toEqual({
    in: 1,
    out: 2,
    cached: null,
    as_of: '2026-11-02',
    age_days: 0,
    source: 'assumed: price.unpriced.in=1, price.unpriced.out=2',
  });
  expect(priceAt(await explainedIf('price.unpriced.out=2'), 'mirror/unpriced')).toBeNull();
});

test('an assumed price decides who is asked, as it would in earnest', async () => {
  const cheap = { model: 'cheap' };
  const body = { ...BODY, ...cheap };
  // Both answer, so that it is known how long their answers are.
  for (const outage of ['deepseek=503', 'openai=503']) {
    for (let sent = 0; sent < 8; sent++) {
      const response = await gateway.post('/v1/chat/completions', body, { 'x-candor-sim': outage });
      expect(response.status).toBe(200);
      clock.advance(60_000);
    }
  }
  expect(planned(await explainedIf(null, cheap))[0]).toBe('deepseek/deepseek-chat');
  const dear = await explainedIf('price.deepseek.in=900,price.deepseek.out=900', cheap);
  expect(planned(dear)[0]).toBe('openai/gpt-4o');
});

test.each([
  ['outge=openai', 'did you mean `outage`'],
  ['outage=opnai', 'did you mean `openai`'],
  ['price.opena.in=1', 'did you mean `openai`'],
  ['price.openai=1', 'neither price.<name>.in nor price.<name>.out'],
  ['price.openai.in=-1', 'US dollars per million tokens'],
  ['price.openai.in=cheap', 'US dollars per million tokens'],
  ['price.openai.in=1,price.openai.in=2', 'is there twice'],
  ['clock=25:00@Asia/Shanghai', 'HH:MM@zone'],
  ['clock=14:00@Asia/Shanghia', 'HH:MM@zone'],
  ['clock=14:00', 'HH:MM@zone'],
  ['clock=14:00@UTC,clock=15:00@UTC', '`clock` is there twice'],
  ['weather=bad', 'there are outage, clock, price'],
  ['outage', 'word=value'],
  ['outage=openai,', 'word=value'],
  ['', 'such as outage=openai'],
])('is refused: %s', async (assumed, message) => {
  const response = await gateway.post('/v1/candor/explain', { ...BODY, candor: { if: assumed } });
  const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
  expect({ status: response.status, ...error }).toMatchObject({
    status: 400,
    code: 'invalid_request',
    param: 'candor.if',
  });
  expect(error.message).toContain(message);
});

test('an assumed length counts for everything: windows, prices and what was measured', async () => {
  const body = { ...BODY, model: 'gpt-4o' };
  const long = await gateway.post('/v1/candor/explain', { ...body, candor: { tokens: 900_000 } });
  expect(explanationSchema.parse(await long.json())).toMatchObject({
    candidates: [{ verdict: 'excluded', reasons: [{ rule: 'context_window', need: 900_000 }] }],
    then: { http: 400, code: 'context_length_exceeded' },
  });
  // 2.50 dollars a million: 0.25 for the prompt alone.
  const dear = { ...body, max_tokens: 10, candor: { tokens: 100_000, max_cost_usd: 0.2 } };
  const limited = await gateway.post('/v1/candor/explain', dear);
  expect(explanationSchema.parse(await limited.json())).toMatchObject({
    candidates: [{ reasons: [{ rule: 'max_cost', need: 0.2, have: 0.2501 }] }],
    then: { http: 402, code: 'max_cost_exceeded' },
  });
});
