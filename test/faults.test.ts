import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { randomFrom } from '../src/simulator/random.ts';
import { allFaultCases, faultMatrixConfig, type FaultCase } from './support/fault-cases.ts';
import { expectFaultCase, openFaultBench, type FaultBench } from './support/fault-check.ts';
import { askWithSdk } from './support/stream-reading.ts';

const SEED = 20_261_102;
const MESSAGES = [
  { role: 'user', content: 'Who won in Smith v. Jones? Source: Smith v. Jones, 1901: the court found for Smith.' },
];

/** The cases that carry the gravest promises, and a tenth of the others. The full matrix runs in `test/full`. */
function chosenCases(): readonly FaultCase[] {
  const random = randomFrom(SEED);
  return allFaultCases().filter((row) => random.next() < 0.1 || isGrave(row));
}

function isGrave(row: FaultCase): boolean {
  const afterContent = row.expected.outcome === 'breaks' && row.mode === 'degraded';
  const outage = row.name.startsWith('outage 503, whole') && row.mode === 'degraded';
  return afterContent || outage || (row.protocol === 'openai' && row.mode === 'pinned' && row.stream);
}

describe('faults of the simulator', () => {
  let bench: FaultBench;
  beforeAll(async () => {
    bench = await openFaultBench(faultMatrixConfig());
  });
  beforeEach(() => bench.forget());
  afterAll(() => bench.close());

  test.each(chosenCases().map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    await expectFaultCase(bench, row);
  });

  async function ask(
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly response: Response; readonly error: Readonly<Record<string, unknown>> }> {
    const response = await bench.clock.passUntil(
      bench.gateway.post('/v1/chat/completions', { messages: MESSAGES, ...body }, headers),
    );
    return { response, error: ((await response.json()) as { error: Record<string, unknown> }).error };
  }

  test('every candidate rate limited is 429 with the shortest wait, and every SDK may come again', async () => {
    const { response, error } = await ask(
      { model: 'openai-degraded' },
      { 'x-candor-sim': 'openai=rate:9, anthropic=rate:4' },
    );
    expect(response.status).toBe(429);
    expect(error['code']).toBe('upstream_rate_limited');
    expect(response.headers.get('retry-after')).toBe('4');
    expect(response.headers.get('retry-after-ms')).toBe('4000');
    expect(response.headers.get('x-should-retry')).toBe('true');
  });

  test('several candidates that all failed are 503 with every attempt, and no SDK multiplies them', async () => {
    const { response, error } = await ask(
      { model: 'openai-degraded' },
      { 'x-candor-sim': 'openai=429, anthropic=503' },
    );
    expect(response.status).toBe(503);
    expect(error).toMatchObject({
      code: 'attempts_exhausted',
      // Nobody is left behind the second, so it is asked once more.
      candor: { attempts: [{ kind: 'rate_limited' }, { kind: 'overloaded' }, { kind: 'overloaded' }] },
    });
    expect(response.headers.get('x-should-retry')).toBe('false');
    const before = bench.gateway.simulator.received.length;
    const outcome = await bench.clock.passUntil(
      askWithSdk(
        bench.gateway.url,
        { model: 'openai-degraded', messages: MESSAGES },
        { 'x-candor-sim': 'openai=429, anthropic=503' },
      ),
    );
    expect(outcome.calls).toBe(1);
    expect(outcome.thrown).toMatchObject({ status: 503, code: 'attempts_exhausted' });
    expect(bench.gateway.simulator.received.length - before).toBe(3);
  });

  test('a request may be stricter than its route and switch fallback off', async () => {
    const { response, error } = await ask(
      { model: 'openai-degraded' },
      { 'x-candor-fallback': 'off', 'x-candor-sim': 'openai=503' },
    );
    expect(response.status).toBe(503);
    expect(error['code']).toBe('upstream_overloaded');
    const attempts = response.headers.get('x-candor-attempts')?.split(', ') ?? [];
    // The only one left is asked twice.
    expect(attempts).toHaveLength(2);
    for (const attempt of attempts) expect(attempt).toMatch(/^openai\/gpt-4o;status=503;ms=\d+$/);
  });

  test.each([
    ['500', 502, 'upstream_error'],
    ['529', 503, 'upstream_overloaded'],
    ['html', 502, 'upstream_content_type'],
    ['type:text/csv', 502, 'upstream_content_type'],
    ['type:application/json', 502, 'upstream_invalid_json'],
    ['type:text/event-stream', 502, 'upstream_truncated'],
  ])('one request may meet %s by its header', async (word, status, code) => {
    for (const [provider, model] of [
      ['openai', 'gpt-4o'],
      ['anthropic', 'claude-opus'],
      ['google', 'gemini-flash'],
      ['deepseek', 'deepseek-chat'],
    ]) {
      for (const stream of [false, true]) {
        const { response, error } = await ask({ model, stream }, { 'x-candor-sim': `${provider}=${word}` });
        expect([provider, stream, response.status, error['code']]).toEqual([provider, stream, status, code]);
        expect(response.headers.get('x-should-retry')).toBe('false');
      }
    }
  });

  test('failed calls leave no connection behind: at most the idle one of each provider', async () => {
    await vi.waitFor(() => expect(bench.gateway.simulator.openSockets()).toBeLessThanOrEqual(4));
  });
});
