import { afterEach, describe, expect, test } from 'vitest';

import type { ReadRecord } from './support/keyed-gateway.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { answer, completion, json } from './support/vendor-answers.ts';

const VALIDATE = 'validate: [{ confidence: { min: 0.8, agreement: deepseek-chat } }]';
const MESSAGES = [{ role: 'user', content: 'What does invoice 118 come to?' }];

let gateway: InjectedGateway;
afterEach(() => gateway.close());

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly record: ReadRecord;
}

async function start(route: string, ours: string, theirs: string): Promise<void> {
  gateway = await startInjectedGateway({ routes: [`task: { try: [gpt-4o], ${route} }`] });
  gateway.upstreams.openai.play(json(completion({ text: ours })));
  gateway.upstreams.deepseek.play(json(completion({ text: theirs, members: { model: 'deepseek-chat' } })));
}

async function askTask(body: Record<string, unknown> = {}): Promise<Told> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'task', messages: MESSAGES, ...body }),
  });
  const { error } = (await response.json()) as { error?: Told['error'] };
  const record = (await gateway.ledger.find(response.headers.get('x-request-id') ?? '')) as unknown as ReadRecord;
  return { status: response.status, headers: response.headers, error, record };
}

/** Labels by which nearly all answers are right that the other model gives too, and few of the others. */
function label(): void {
  const scope = { route: 'task', snapshot: 'gpt-4o-2024-08-06', template: null, model: 'gpt-4o' };
  for (let index = 0; index < 3000; index++) {
    const agrees = index % 2 === 0;
    const accepted = agrees ? index % 40 !== 0 : index % 5 === 0;
    const at = Date.now() - 3000 + index;
    const signals = { agreement: agrees ? 1 : 0 };
    gateway.steps.confidences.addLabel({
      ...scope,
      generation: `gen_${index}`,
      at,
      accepted,
      source: 'person',
      field: null,
      signals,
    });
  }
}

describe('what a second family says', () => {
  test.each([
    ['the same number', '240', '240.0', 1],
    ['the same in other letters', 'Two hundred and forty.', 'two hundred and forty', 1],
    ['another number', '240', '204', 0],
    ['half of an object', '{"total":240,"currency":"EUR"}', '{"currency":"EUR","total":204}', 0.5],
  ])('%s is a signal', async (_name, ours, theirs, agreement) => {
    await start(`${VALIDATE}, on_abstain: flag`, ours, theirs);
    const told = await askTask();
    expect(told.status).toBe(200);
    expect(told.record.confidence.signals['agreement']).toBe(agreement);
    expect(told.record.asides).toMatchObject([{ purpose: 'agreement', deployment: 'deepseek/deepseek-chat' }]);
    const [attempt] = told.record.attempts;
    const [aside] = told.record.asides ?? [];
    expect(told.record.cost).toBeCloseTo((attempt?.cost ?? 0) + (aside?.cost ?? 0), 12);
    expect(aside?.cost).toBeGreaterThan(0);
  });

  test('is asked once, for the same, without a word that it stands in, and of itself nobody is asked', async () => {
    await start(`${VALIDATE}, on_abstain: flag`, '240', '240');
    const { record } = await askTask({ temperature: 0.5 });
    expect(gateway.upstreams.openai.requests).toHaveLength(1);
    const [asked, ...others] = gateway.upstreams.deepseek.requests;
    expect(others).toEqual([]);
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      model: 'deepseek-chat',
      messages: MESSAGES,
      temperature: 0.5,
    });
    const aside = await gateway.ledger.find(record.asides?.[0]?.id ?? '');
    expect(aside).toMatchObject({ route: 'task', aside: { purpose: 'agreement', of: record.id }, fallback: null });
  });

  test('is not asked about prose', async () => {
    await start(`${VALIDATE}, on_abstain: flag`, 'It is a long story. '.repeat(20), '240');
    const { record } = await askTask();
    expect(record.confidence.signals).not.toHaveProperty('agreement');
    expect(gateway.upstreams.deepseek.requests).toHaveLength(0);
  });

  test('is no signal where it says nothing that holds', async () => {
    await start(`${VALIDATE}, on_abstain: flag`, '240', '240');
    gateway.upstreams.deepseek.play(answer('401 No', ['content-type: application/json'], '{}'));
    const told = await askTask();
    expect(told.status).toBe(200);
    expect(told.record.confidence.signals).not.toHaveProperty('agreement');
    expect(told.record.asides).toEqual([
      { id: expect.any(String) as string, purpose: 'agreement', deployment: null, cost: 0 },
    ]);
  });

  test('is heard of streams too', async () => {
    await start(`${VALIDATE}, on_abstain: flag`, '240', '240');
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'task', messages: MESSAGES, stream: true }),
    });
    expect(await response.text()).toContain('"agreement":1');
  });

  test('is not asked of the family that answered', async () => {
    gateway = await startInjectedGateway({
      routes: [
        'task: { try: [gpt-4o, claude-opus], validate: [{ confidence: { min: 0.8, agreement: gpt-4o-mini } }], on_abstain: flag }',
      ],
    });
    gateway.upstreams.openai.play(json(completion({ text: '240' })));
    const { record } = await askTask();
    expect(record.served_by).toBe('openai/gpt-4o');
    expect(record.asides).toBeUndefined();
  });
});

describe('the validator confidence', () => {
  test('passes what is sure enough, by the labels of such answers', async () => {
    await start(VALIDATE, '240', '240');
    label();
    const told = await askTask();
    expect(told.status).toBe(200);
    expect(told.record.confidence).toMatchObject({ status: 'calibrated', signals: { agreement: 1 } });
    expect(told.record.confidence.value).toBeGreaterThan(0.9);
    expect(told.record.validation).toEqual({
      status: 'passed',
      verdicts: [{ validator: 'confidence', outcome: 'pass', reason: null }],
    });
  });

  test('ends with 424 what is not', async () => {
    await start(VALIDATE, '240', '204');
    label();
    const told = await askTask();
    expect(told.status).toBe(424);
    expect(told.error?.code).toBe('low_confidence');
    expect(told.record.confidence.value).toBeLessThan(0.4);
    expect(told.record.validation.verdicts).toMatchObject([{ validator: 'confidence', outcome: 'fail' }]);
    expect(told.error?.message).toMatch(/is below 0\.8 \(calibrated\)/);
  });

  test('hands an answer that is not sure enough on to the next model', async () => {
    gateway = await startInjectedGateway({
      routes: [`task: { try: [gpt-4o, claude-opus], fallback: degraded, validate: [{ confidence: { min: 0.8 } }] }`],
    });
    gateway.upstreams.openai.play(json(completion({ text: '240' })));
    const { record } = await askTask();
    expect(record.attempts.map(({ deployment, kind }) => `${deployment} ${kind}`)[0]).toBe(
      'openai/gpt-4o low_confidence',
    );
    expect(gateway.upstreams.anthropic.requests).not.toHaveLength(0);
  });

  test('abstains where nobody can tell, and compares no score that is no probability', async () => {
    await start(VALIDATE, '240', '240');
    const told = await askTask();
    expect(told.status).toBe(424);
    expect(told.error?.code).toBe('low_confidence');
    expect(told.record.validation.verdicts).toMatchObject([{ validator: 'confidence', outcome: 'abstain' }]);
    expect(told.record.confidence.value).toBeNull();
  });

  test('lets it through, marked, where abstaining is only flagged', async () => {
    await start(`${VALIDATE}, on_abstain: flag`, '240', '240');
    const told = await askTask();
    expect(told.status).toBe(200);
    expect(told.headers.get('x-candor-validation')).toBe('unverified');
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=unverified');
  });

  test('asks nobody about an answer that another check has failed', async () => {
    await start(`validate: [{ regex: USD }, { confidence: { min: 0.8, agreement: deepseek-chat } }]`, '240', '240');
    const told = await askTask();
    expect(told.error?.code).toBe('validation_failed');
    expect(gateway.upstreams.deepseek.requests).toHaveLength(0);
  });
});
