import { afterEach, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { ManualClock, simulatorClockOf } from './support/manual-clock.ts';
import { simulatedConfig } from './support/simulated-config.ts';

const CONFIG = simulatedConfig([
  'pair: { try: [gpt-4o, claude-haiku], fallback: degraded }',
  'patient: { try: [gpt-4o, claude-haiku], fallback: degraded, retries: 1 }',
  'alone: { try: [gpt-4o] }',
  'quick: { try: [gpt-4o, claude-haiku], fallback: degraded, timeout: { total: 20s, first_byte: 1s } }',
]);

let gateway: TestGateway;
let clock: ManualClock;
afterEach(() => gateway.close());

async function start(): Promise<void> {
  clock = new ManualClock();
  gateway = await startTestGateway({ config: CONFIG, clock, simulatorClock: simulatorClockOf(clock), draw: () => 0.5 });
}

interface AskedAttempt {
  readonly deployment: string;
  readonly why: string;
  readonly kind: string;
  readonly possibly_billed: boolean;
}

async function ask(model: string, headers: Readonly<Record<string, string>> = {}): Promise<AskedResult> {
  const body = { model, messages: [{ role: 'user', content: 'Hello' }] };
  const response = await clock.passUntil(gateway.post('/v1/chat/completions', body, headers));
  const id = response.headers.get('x-request-id') ?? '';
  const told = (await response.json()) as { error?: { code: string } };
  const record = await gateway.record(id);
  const attempts = record['attempts'] as AskedAttempt[];
  return {
    status: response.status,
    code: told.error?.code ?? null,
    attempts: attempts.map(({ deployment, why, kind }) => `${why} ${deployment} ${kind}`),
    headers: response.headers,
  };
}

interface AskedResult {
  readonly status: number;
  readonly code: string | null;
  readonly attempts: readonly string[];
  readonly headers: Headers;
}

const OUT = { target: 'openai', fault: 'outage', status: 503 };

describe('who is asked again', () => {
  test('nobody, while another candidate is left', async () => {
    await start();
    gateway.simulator.control.addFault(OUT);
    const { status, attempts } = await ask('pair');
    expect(status).toBe(200);
    expect(attempts).toEqual(['primary openai/gpt-4o overloaded', 'fallback anthropic/claude-haiku ok']);
  });

  test('the first one, where the route says so', async () => {
    await start();
    gateway.simulator.control.addFault(OUT);
    const { attempts, headers } = await ask('patient');
    expect(attempts).toEqual([
      'primary openai/gpt-4o overloaded',
      'retry openai/gpt-4o overloaded',
      'fallback anthropic/claude-haiku ok',
    ]);
    expect(headers.get('x-candor-fallback')).toBe('?1;reason=upstream_overloaded');
  });

  test('the last one, once, and its answer is no fallback', async () => {
    await start();
    // The fault strikes every other call.
    gateway.simulator.control.addFault(OUT);
    const asking = ask('alone');
    // It fails at once; the retry comes after the fault is gone.
    await clock.passUntil(
      (async () => {
        while (gateway.simulator.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
      })(),
    );
    gateway.simulator.control.reset();
    const { status, attempts, headers } = await asking;
    expect(status).toBe(200);
    expect(attempts).toEqual(['primary openai/gpt-4o overloaded', 'retry openai/gpt-4o ok']);
    expect(headers.get('x-candor-fallback')).toBe('?0');
  });

  test('the last of several, and the code says that all failed', async () => {
    await start();
    gateway.simulator.control.addFault(OUT);
    gateway.simulator.control.addFault({ target: 'anthropic', fault: 'outage', status: 503 });
    const { status, code, attempts } = await ask('pair');
    expect([status, code]).toEqual([503, 'attempts_exhausted']);
    expect(attempts).toEqual([
      'primary openai/gpt-4o overloaded',
      'fallback anthropic/claude-haiku overloaded',
      'retry anthropic/claude-haiku overloaded',
    ]);
  });

  test('nobody who was silent', async () => {
    await start();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'slow', ms: 3_600_000 });
    gateway.simulator.control.addFault({ target: 'anthropic', fault: 'slow', ms: 3_600_000 });
    const { code, attempts } = await ask('quick');
    expect(code).toBe('attempts_exhausted');
    expect(attempts).toEqual([
      'primary openai/gpt-4o first_byte_timeout',
      'fallback anthropic/claude-haiku first_byte_timeout',
    ]);
  });

  test('nobody whom a vendor’s safety refused, or whose window was too small', async () => {
    await start();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'refuse' });
    const { attempts } = await ask('alone');
    expect(attempts).toHaveLength(1);
  });

  test('nobody whose limit lasts longer than it is waited for', async () => {
    await start();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'rate_limit', retry_after_s: 30 });
    const { status, code, attempts, headers } = await ask('alone');
    expect([status, code]).toEqual([429, 'upstream_rate_limited']);
    expect(attempts).toHaveLength(1);
    // And until then it is left alone.
    const again = await ask('alone');
    expect([again.status, again.code]).toEqual([429, 'upstream_rate_limited']);
    expect(again.attempts).toEqual([]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(29);
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThanOrEqual(25);
  });

  test('the last one after its limit, where that is short', async () => {
    await start();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'rate_limit', retry_after_s: 2 });
    const began = clock.now();
    const { attempts } = await ask('alone');
    expect(attempts).toEqual(['primary openai/gpt-4o rate_limited', 'retry openai/gpt-4o rate_limited']);
    expect(clock.now() - began).toBeGreaterThanOrEqual(2000);
  });

  test('nobody beyond the deadline of the client', async () => {
    await start();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'rate_limit', retry_after_s: 2 });
    const { attempts } = await ask('alone', { 'x-candor-timeout-ms': '1000' });
    expect(attempts).toHaveLength(1);
  });
});

test('a doomed request is answered without asking anybody, and said to be so', async () => {
  await start();
  gateway.simulator.control.addFault(OUT);
  for (let sent = 0; sent < 8; sent++) await ask('alone');
  const before = gateway.simulator.received.length;
  const { status, code, attempts, headers } = await ask('alone');
  expect([status, code]).toEqual([503, 'no_available_deployment']);
  expect(attempts).toEqual([]);
  expect(gateway.simulator.received.length).toBe(before);
  expect(headers.get('x-should-retry')).toBe('false');
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});
