import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ManualClock, simulatorClockOf } from './support/manual-clock.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';

let gateway: TestGateway | null = null;
/** What hooks of a test say to it: a config module shares nothing else with whoever loads it. */
const heard: unknown[] = [];
beforeEach(() => {
  heard.length = 0;
  Object.assign(globalThis, { hear: (told: unknown) => heard.push(told) });
});
afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

/** A gateway with these members of `hooks`, and of the route `extract`. */
async function start(hooks: string, route = '', options: TestGatewayOptions = {}): Promise<TestGateway> {
  const config = `export default {
  providers: { openai: { sim: true }, anthropic: { sim: true } },
  models: { 'gpt-4o': { at: 'openai' }, 'claude-opus': { at: 'anthropic' } },
  routes: {
    extract: { try: ['gpt-4o', 'claude-opus'], fallback: 'degraded', ${route} },
    chat: { try: ['claude-opus'] },
  },
  rules: [{ route: 'chat' }],
  hooks: { ${hooks} },
};
`;
  gateway = await startTestGateway({ config, configName: 'candor.config.mjs', ...options });
  return gateway;
}

interface Outcome {
  readonly status: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly candor: Record<string, unknown>;
  readonly record: Record<string, unknown>;
  readonly headers: Headers;
}

async function ask(body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  if (gateway === null) throw new Error('no gateway');
  const asked = { model: 'extract', messages: [{ role: 'user', content: 'Extract: 3 chairs.' }], ...body };
  const response = await gateway.post('/v1/chat/completions', asked, headers);
  const read = (await response.json()) as { readonly error?: Outcome['error']; readonly candor?: Outcome['candor'] };
  const id = response.headers.get('x-request-id') ?? '';
  const record = await gateway.record(id);
  return {
    status: response.status,
    error: read.error ?? null,
    candor: read.candor ?? {},
    record,
    headers: response.headers,
  };
}

const THROWS = '() => { throw new Error("Ann said so"); }';
const HANGS = '() => new Promise(() => {})';

/** Asks while the time of the gateway passes. */
async function askInTime(hooks: string, body: object = {}, route = ''): Promise<Outcome> {
  const clock = new ManualClock();
  await start(hooks, route, { clock, simulatorClock: simulatorClockOf(clock) });
  return await clock.passUntil(ask(body));
}

it('does not wait for a check when the time of the request is up, and the record says that it had not ended', async () => {
  const validate = `validate: { slow: ${HANGS} }`;
  const clock = new ManualClock();
  await start(validate, "validate: [{ hook: 'slow' }]", { clock, simulatorClock: simulatorClockOf(clock) });
  const { status, error, record } = await clock.passUntil(ask({}, { 'x-candor-timeout-ms': '400' }));
  expect([status, error?.code]).toEqual([504, 'deadline_exceeded']);
  const reason = 'the request had ended before it did';
  expect(record['hooks']).toMatchObject([{ hook: 'validate', outcome: 'timed_out', reason }]);
  const [{ ms }] = record['hooks'] as readonly [{ readonly ms: number }];
  expect(ms).toBeLessThan(1000);
});

describe('a hook without which a request cannot be sent', () => {
  const cases = [
    ['prompt', "prompt: { 'gpt-4o': HOOK }", 'candor.config.mjs#hooks.prompt.gpt-4o', '"text"'],
    ['params', "params: { 'gpt-4o': HOOK }", 'candor.config.mjs#hooks.params.gpt-4o', '({ temprature: 1 })'],
    ['task', 'task: HOOK', 'candor.config.mjs#hooks.task', '"nowhere"'],
  ] as const;

  it.each(cases)('%s: throws, hangs or returns rubbish', async (hook, written, at, rubbish) => {
    const model = hook === 'task' ? 'auto' : 'extract';
    for (const [run, outcome] of [
      [THROWS, 'failed'],
      [HANGS, 'timed_out'],
      [`() => ${rubbish}`, 'invalid'],
    ] as const) {
      const { status, error, record, headers } = await askInTime(written.replace('HOOK', run), { model });
      expect([status, error?.code, headers.get('x-should-retry')]).toEqual([500, 'hook_error', 'false']);
      expect(error?.message).toContain(at);
      expect(record).toMatchObject({ status: 'failed', attempts: [], hooks: [{ hook, at, outcome }] });
      expect(JSON.stringify([error, record])).not.toContain('Ann');
      await gateway?.close();
    }
    gateway = null;
  });

  it('is not called for other models', async () => {
    await start(`prompt: { 'claude-opus': ${THROWS} }`);
    expect((await ask()).status).toBe(200);
  });
});

describe('hooks that work', () => {
  it('change what is sent, and the record says what each did', async () => {
    await start(`
      prompt: { 'gpt-4o': (p, ctx) => p.append('Answer in one line, ' + ctx.tags.team + '.') },
      params: { 'gpt-4o': (q) => ({ ...q, temperature: Math.min(q.temperature ?? 1, 0.6) }) },
    `);
    const { status, candor, record } = await ask({ temperature: 0.9 }, { 'x-candor-tags': 'team=north' });
    expect(status).toBe(200);
    expect(candor['adjustments']).toMatchObject([
      { param: 'messages', kind: 'rewritten', at: 'candor.config.mjs#hooks.prompt.gpt-4o' },
      { param: 'temperature', asked: 0.9, sent: 0.6, kind: 'rewritten', at: 'candor.config.mjs#hooks.params.gpt-4o' },
    ]);
    expect(record['hooks']).toMatchObject([
      { hook: 'prompt', attempt: 1, outcome: 'ok', before: { sha256: expect.any(String) } },
      { hook: 'params', attempt: 1, outcome: 'ok', after: { sha256: expect.any(String) } },
    ]);
  });

  it('cap the output at no more than the model can write', async () => {
    await start(`params: { 'gpt-4o': (q) => ({ ...q, max_tokens: 10_000_000 }) }`);
    const { status, candor } = await ask();
    expect(status).toBe(200);
    const [hooked, clamped] = candor['adjustments'] as readonly { readonly kind: string; readonly sent: number }[];
    expect(hooked).toMatchObject({ kind: 'defaulted', sent: 10_000_000 });
    expect(clamped).toMatchObject({ param: 'max_tokens', kind: 'clamped' });
    const { max_tokens: sent } = JSON.parse(gateway?.simulator.received.at(-1)?.body ?? '') as { max_tokens: number };
    expect(sent).toBe(clamped?.sent);
    expect(sent).toBeLessThan(10_000_000);
  });

  it('choose the route, before the rules', async () => {
    await start("task: (r) => (r.messages.at(-1).text.startsWith('Extract') ? 'extract' : undefined)");
    const chosen = await ask({ model: 'auto' });
    expect(chosen.candor).toMatchObject({ route: 'extract', asked: 'auto' });
    const past = await gateway?.post('/v1/candor/explain', { generation: chosen.record['id'] });
    const at = 'candor.config.mjs#hooks.task';
    expect(await past?.json()).toMatchObject({ route: 'extract', chosen_by: { by: 'hook', at } });
    const left = await ask({ model: 'auto', messages: [{ role: 'user', content: 'Hello.' }] });
    expect(left.candor).toMatchObject({ route: 'chat' });
    expect(left.record['hooks']).toMatchObject([{ hook: 'task', outcome: 'unchanged' }]);
  });

  it('know what was wrong with the answer before', async () => {
    await start(
      `prompt: { 'claude-opus': (p, ctx) => { hear({ last: ctx.lastInvalid, attempt: ctx.attempt, reason: ctx.reason }); return p; } },
       validate: { never: (answer, ctx) => ctx.invalid('too dull', { place: 'text:0-1' }) }`,
      "validate: [{ hook: 'never' }]",
    );
    const { status } = await ask();
    expect(status).toBe(424);
    expect(heard).toEqual([
      {
        last: [{ validator: 'hook:never', reason: 'too dull', place: 'text:0-1' }],
        attempt: 2,
        reason: 'validation_failed',
      },
    ]);
  });

  it('score what was said, also of a stream that nobody else reads', async () => {
    const started = await start('confidence: (answer) => { hear(answer.text); return 0.5; }');
    const ended = await started.post('/v1/chat/completions', {
      model: 'extract',
      messages: [{ role: 'user', content: 'Extract: 3 chairs.' }],
      stream: true,
    });
    await ended.text();
    expect(heard).toEqual([expect.stringContaining('3 chairs')]);
  });

  it('are not called by a dry run, which says so', async () => {
    const started = await start(
      `task: () => { hear('task'); return 'chat'; }, prompt: { 'claude-opus': (p) => { hear('prompt'); return p; } }`,
    );
    const response = await started.post('/v1/candor/explain', {
      model: 'auto',
      messages: [{ role: 'user', content: 'x' }],
    });
    const { notes } = (await response.json()) as { readonly notes: readonly string[] };
    expect(notes).toContain(
      'not called in a dry run: candor.config.mjs#hooks.task, candor.config.mjs#hooks.prompt.claude-opus',
    );
    expect(heard).toEqual([]);
  });

  it('cannot see a key of a provider', async () => {
    await start(`prompt: { 'gpt-4o': (p, ctx) => { hear([p, ctx]); return p; } }`);
    await ask({}, { authorization: 'Bearer cnd_0123456789' });
    expect(heard).toHaveLength(1);
    expect(JSON.stringify(heard)).not.toContain('cnd_');
  });
});

describe('a validate hook', () => {
  const route = "validate: [{ hook: 'checked' }], on_abstain: 'flag'";

  it.each([
    ['throws', THROWS, 'failed', /^hook_error: it threw Error/],
    ['hangs', HANGS, 'timed_out', /^hook_error: it did not end within 5000 ms/],
    ['returns rubbish', '() => true', 'invalid', /^hook_error: it did not return/],
  ])('that %s abstains', async (_, hook, outcome, reason) => {
    const { status, candor, record } = await askInTime(`validate: { checked: ${hook} }`, {}, route);
    expect(status).toBe(200);
    const verdict = { validator: 'hook:checked', outcome: 'abstain', reason: expect.stringMatching(reason) };
    expect(candor['validation']).toEqual({ status: 'unverified', verdicts: [verdict] });
    expect(record['hooks']).toMatchObject([{ hook: 'validate', attempt: 1, outcome }]);
    expect(JSON.stringify([candor, record])).not.toContain('Ann');
  });

  it('fails an answer with its reason, and the next is asked', async () => {
    const hook = "(answer, ctx) => (ctx.model === 'claude-opus' ? ctx.ok() : ctx.invalid('not this one'))";
    await start(`validate: { checked: ${hook} }`, route);
    const { status, candor } = await ask();
    expect(status).toBe(200);
    expect(candor).toMatchObject({
      served_by: 'anthropic/claude-opus',
      fallback: { reason: 'validation_failed' },
      validation: { status: 'passed', verdicts: [{ validator: 'hook:checked', outcome: 'pass' }] },
    });
  });

  it('reads an answer without changing it', async () => {
    await start('validate: { checked: (answer, ctx) => { hear(answer.json); return ctx.ok(); } }', route);
    const { status, candor } = await ask();
    expect([status, (candor['validation'] as { status: string }).status]).toEqual([200, 'passed']);
    expect(heard).toEqual([undefined]);
  });
});

describe('a confidence hook', () => {
  it.each([
    ['throws', THROWS, 'failed'],
    ['hangs', HANGS, 'timed_out'],
    ['returns rubbish', '() => 2', 'invalid'],
  ])('that %s says nothing', async (_, hook, outcome) => {
    const { status, candor, record } = await askInTime(`confidence: ${hook}`);
    expect(status).toBe(200);
    expect(candor['confidence']).toMatchObject({ value: null });
    expect((candor['confidence'] as { signals: object }).signals).not.toHaveProperty('hook');
    expect(record['hooks']).toMatchObject([{ hook: 'confidence', outcome }]);
  });

  it('gives a feature, not a probability', async () => {
    await start('confidence: (answer, ctx) => 0.75');
    const { candor } = await ask();
    expect(candor['confidence']).toMatchObject({ value: null, signals: { hook: 0.75 } });
  });
});

describe('onRecord', () => {
  it('hears of what has ended, without the words', async () => {
    await start('onRecord: (record) => { hear(record); }');
    const { status, record } = await ask();
    expect(status).toBe(200);
    await vi.waitUntil(() => heard.length > 0);
    expect(heard).toMatchObject([{ id: record['id'], status: 'complete', http: 200 }]);
    expect(JSON.stringify(heard)).not.toContain('3 chairs');
  });

  it.each([
    ['throws', THROWS],
    ['hangs', HANGS],
  ])('that %s leaves the answer as it is', async (_, hook) => {
    await start(`onRecord: ${hook}`);
    const { status, record } = await ask();
    expect([status, record['status']]).toEqual([200, 'complete']);
    expect((await ask()).status).toBe(200);
  });
});

it('asks nobody whose prompt a hook has made dearer than the request allows', async () => {
  await start(`prompt: { 'gpt-4o': (prompt) => prompt.append('Mind the rules. '.repeat(2000)) }`);
  const { status, record } = await ask({ max_tokens: 10 }, { 'x-candor-max-cost-usd': '0.01' });
  const { attempts } = record as { readonly attempts: readonly { readonly deployment: string }[] };
  expect([status, attempts.map(({ deployment }) => deployment)]).toEqual([200, ['anthropic/claude-opus']]);
  const alone = await ask({ max_tokens: 10, model: 'gpt-4o' }, { 'x-candor-max-cost-usd': '0.01' });
  expect([alone.status, alone.error?.code, alone.record['attempts']]).toEqual([402, 'max_cost_exceeded', []]);
});

it.each([
  ["params: { 'gpt-4o': () => ({ get temperature() { throw new Error('Ann said so'); } }) }", [500, 'hook_error']],
  ["validate: { v: () => ({ get outcome() { throw new Error('Ann said so'); } }) }", [200, null]],
])('is told of as failed where what it gives throws when it is read: %s', async (hooks, ended) => {
  await start(hooks, hooks.startsWith('validate') ? "validate: [{ hook: 'v' }], on_abstain: 'flag'" : '');
  const { status, error, record } = await ask();
  expect([status, error?.code ?? null]).toEqual(ended);
  expect(record['hooks']).toMatchObject([{ outcome: 'failed', reason: 'it threw Error (candor.config.mjs:9)' }]);
  expect(JSON.stringify(record)).not.toContain('Ann');
});
