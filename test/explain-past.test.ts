import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';

import type { JsonObject } from '../src/core/json.ts';
import { explainRecord } from '../src/pipeline/explain/explain-record.ts';
import { QUESTION_DIALECTS } from './support/dialect-questions.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema } from './support/http-schemas.ts';
import { simulatedConfig } from './support/simulated-config.ts';

const CONFIG = `${simulatedConfig([
  'legal: { try: [gpt-4o, claude-opus], params: { temperature: { max: 0.3 } }, fallback: degraded }',
])}rules:
  - { when: 'tags.none == "x"', route: legal }
  - { when: '"team" in tags', route: legal }
`;
const MESSAGES = [{ role: 'user', content: 'May a tenant withhold rent?' }];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

type Explanation = z.infer<typeof explanationSchema>;
type PastExplanation = Extract<Explanation, { readonly generation: string }>;

async function explained(id: string | null): Promise<PastExplanation> {
  const response = await gateway.post('/v1/candor/explain', { generation: id });
  expect(response.status).toBe(200);
  const explanation = explanationSchema.parse(await response.json());
  if (!('generation' in explanation)) throw new Error('it explains no generation');
  return explanation;
}

async function ask(body: object, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await gateway.post('/v1/chat/completions', { messages: MESSAGES, ...body }, headers);
  return response.headers.get('x-request-id') ?? '';
}

const planned = (explanation: Pick<Explanation, 'plan'> | null): readonly string[] | undefined =>
  explanation?.plan.map(({ deployment }) => deployment);

describe('a recorded request', () => {
  test('went where its record says, decided again, and what it would get now', async () => {
    const id = await ask({ model: 'gpt-4o' }, { 'x-candor-route': 'legal', 'x-candor-sim': 'openai=503' });
    const explanation = await explained(id);
    expect(explanation).toMatchObject({
      generation: id,
      asked: 'gpt-4o',
      route: 'legal',
      chosen_by: { by: 'header', at: null },
      then: { http: 200, code: null },
      decided_again: { same: true, usual: 'openai/gpt-4o' },
      now: { route: 'legal', chosen_by: { by: 'header', at: 'candor.yaml:14' } },
    });
    const order = ['openai/gpt-4o', 'anthropic/claude-opus'];
    expect([planned(explanation), explanation.decided_again?.order, planned(explanation.now)]).toEqual([
      order,
      order,
      order,
    ]);
    expect(explanation.plan[1]?.adjustments).toContainEqual(expect.objectContaining({ kind: 'brief' }));
    const notes = explanation.notes.join('\n');
    expect(notes).toContain('openai/gpt-4o failed with overloaded (HTTP 503); anthropic/claude-opus stands in');
    expect(notes).toContain('decided again from what is recorded, the order is the same');
  });

  test('keeps to what was so then, when now it is otherwise', async () => {
    gateway.simulator.control.addFault({ target: 'openai', fault: 'outage', status: 503 });
    for (let sent = 0; sent < 12; sent++) await ask({ model: 'legal' });
    const id = await ask({ model: 'legal' });
    gateway.simulator.control.reset();
    await gateway.closeCircuits();
    const explanation = await explained(id);
    const openai = explanation.candidates.find(({ deployment }) => deployment === 'openai/gpt-4o');
    expect(openai).toMatchObject({ circuit: 'open', verdict: 'excluded', reasons: [{ rule: 'circuit' }] });
    expect(planned(explanation)).toEqual(['anthropic/claude-opus']);
    expect(explanation.decided_again).toEqual({ same: true, order: ['anthropic/claude-opus'], usual: 'openai/gpt-4o' });
    expect(planned(explanation.now)).toEqual(['openai/gpt-4o', 'anthropic/claude-opus']);
  });

  test('whose route rules chose, by tags from a header and from the body', async () => {
    for (const [body, headers] of [
      [{}, { 'x-candor-tags': 'team=a' }],
      [{ candor: { tags: { team: 'a,b' } } }, {}],
    ] as const) {
      const explanation = await explained(await ask({ model: 'auto', ...body }, headers));
      expect(explanation).toMatchObject({
        asked: 'auto',
        route: 'legal',
        chosen_by: { by: 'rule', at: 'candor.yaml:17' },
        rules: [{ outcome: 'failed' }, { outcome: 'matched' }],
        now: { route: 'legal', chosen_by: { by: 'rule', at: 'candor.yaml:17' } },
      });
      expect(explanation.notes.join('\n')).toContain('rule at candor.yaml:16 could not be evaluated');
    }
  });

  test('that was refused before anything was decided', async () => {
    const explanation = await explained(await ask({ model: 'unheard-of' }));
    expect(explanation).toMatchObject({
      candidates: [],
      plan: [],
      then: { http: 404, code: 'model_not_found' },
      decided_again: null,
      now: null,
    });
    const notes = explanation.notes.join('\n');
    expect(notes).toContain('its record holds no decision that can be made again');
    expect(notes).toMatch(/now it would be refused before it is planned: .*model_not_found/);
  });

  test.each(QUESTION_DIALECTS)('$name: is read in the dialect it came in', async (dialect) => {
    const { response } = await dialect.ask(gateway, { model: 'legal', text: 'May I?', stream: true, temperature: 0.9 });
    const { plan, now } = await explained(response.headers.get('x-request-id'));
    const changed = {
      deployment: 'openai/gpt-4o',
      adjustments: [{ param: dialect.temperature, asked: 0.9, sent: 0.3 }],
    };
    expect(plan[0]).toMatchObject(changed);
    expect(now?.plan[0]).toMatchObject(changed);
  });

  test.each<readonly [string, object, object]>([
    ['nobody knows', { generation: 'gen_01M81VB16WK5BNAZ05A511WMQ3' }, { status: 404, code: 'generation_not_found' }],
    ['is no id', { generation: 7 }, { status: 404, code: 'generation_not_found' }],
    ['has more beside it', { generation: 'gen_1', messages: [] }, { status: 400, param: 'messages' }],
  ])('is refused when it %s', async (_name, body, expected) => {
    const response = await gateway.post('/v1/candor/explain', body);
    const { error } = (await response.json()) as { error: object };
    expect({ status: response.status, ...error }).toMatchObject(expected);
  });

  test('leaves no record of being explained', async () => {
    const id = await ask({ model: 'legal' });
    const listed = async (): Promise<unknown> => (await fetch(`${gateway.url}/v1/generations?limit=1`)).json();
    const before = await listed();
    await explained(id);
    expect(await listed()).toEqual(before);
  });
});

test('a record that another version decided is told to be such', async () => {
  const record = await gateway.record(await ask({ model: 'legal' }));
  const decision = record['decision'] as { order: string[]; inputs: JsonObject };
  const other = { ...decision, order: decision.order.toReversed() };
  const past = explainRecord({ ...record, decision: other });
  expect(past['decided_again']).toMatchObject({ same: false, order: decision.order });
  expect(JSON.stringify(past['notes'])).toContain('the order is another (openai/gpt-4o, anthropic/claude-opus)');
  const unread = explainRecord({
    ...record,
    decision: { ...decision, inputs: { ...decision.inputs, pick: 'best' } },
  });
  expect(unread).toMatchObject({ decided_again: null, plan: [] });
});
