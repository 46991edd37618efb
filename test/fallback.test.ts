import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

const QUESTION = {
  model: 'legal',
  messages: [
    { role: 'user', content: 'Who won in Smith v. Jones? Source: Smith v. Jones, 1901: the court found for Smith.' },
  ],
};

describe('a fallback along the route', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.simulator.control.addFault({ target: 'openai', fault: 'outage', status: 503 });
  });
  afterAll(() => gateway.close());

  test('answers from the next model and says so everywhere', async () => {
    const response = await gateway.post('/v1/chat/completions', QUESTION);
    const body = (await response.json()) as { id: string; model: string; candor: Record<string, unknown> };
    expect(response.status).toBe(200);
    expect(response.headers.get('x-candor-fallback')).toBe('?1;reason=upstream_overloaded');
    expect(response.headers.get('x-candor-degraded')).toBe('?1;reason=uncertified');
    expect(response.headers.get('x-candor-served-by')).toBe('anthropic/claude-opus');
    expect(body.model).toBe('sim-claude-opus');
    expect(body.candor['fallback']).toEqual({ reason: 'upstream_overloaded', certificate: null });
    expect(body.candor['attempts']).toHaveLength(2);
    const record = await gateway.record(body.id);
    const attempts = record['attempts'] as {
      why: string;
      sent: { body: string };
      adjustments: { kind: string; sent: string }[];
    }[];
    const brief = attempts[1]?.adjustments.find((adjustment) => adjustment.kind === 'brief');
    expect(attempts.map((attempt) => attempt.why)).toEqual(['primary', 'fallback']);
    expect(brief).toBeDefined();
    expect(attempts[1]?.sent.body).toContain(JSON.stringify(brief?.sent).slice(1, -1));
    expect(attempts[0]?.sent.body).not.toContain(JSON.stringify(brief?.sent).slice(1, -1));
  });

  test('does not happen for a model that was named', async () => {
    const before = gateway.simulator.received.length;
    const error = await gateway.client.chat.completions
      .create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] })
      .then(
        () => null,
        (thrown: unknown) => thrown as { status: number; code: string; message: string },
      );
    expect(error).toMatchObject({ status: 503, code: 'upstream_overloaded' });
    expect(error?.message).toContain('openai/gpt-4o');
    // The last candidate is asked once more where the vendor did not begin, and nobody else is asked.
    const asked = gateway.simulator.received.slice(before);
    expect(asked).toHaveLength(2);
    expect(asked.every(({ provider }) => provider === 'openai')).toBe(true);
  });
});
