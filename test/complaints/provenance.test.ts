import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readStream } from '../support/event-stream.ts';
import { QUESTION_DIALECTS } from '../support/dialect-questions.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import type { ReadRecord } from '../support/keyed-gateway.ts';
import { startRawUpstream, type RawUpstream } from '../support/raw-upstream.ts';
import { simulatedConfig } from '../support/simulated-config.ts';
import { answer, BUSY, completion, json } from '../support/vendor-answers.ts';

/**
 * What users of gateways complain of where the author of an answer is concerned, each as the failure
 * that must not happen.
 */

const ROUTES = ['chain: { try: [gpt-4o, claude-haiku], fallback: degraded }'];
const MESSAGES = [{ role: 'user', content: 'Say hello.' }];
const OUTAGE = { 'x-candor-sim': 'openai=503' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: simulatedConfig(ROUTES) });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.closeCircuits());

const ask = (members: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  gateway.post('/v1/chat/completions', { model: 'chain', messages: MESSAGES, ...members }, headers);

async function recordOf(response: Response, of: TestGateway = gateway): Promise<ReadRecord> {
  return (await of.record(response.headers.get('x-request-id') ?? '')) as unknown as ReadRecord;
}

test('the model that served is named after a fallback, streamed and not', async () => {
  const whole = (await (await ask({}, OUTAGE)).json()) as { model: string; candor: { asked: string } };
  expect({ model: whole.model, asked: whole.candor.asked }).toEqual({ model: 'sim-claude-haiku', asked: 'chain' });
  const { chunks } = await readStream(await ask({ stream: true }, OUTAGE));
  expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set(['sim-claude-haiku']));
  expect(chunks.at(-1)?.candor).toMatchObject({ asked: 'chain', served_by: 'anthropic/claude-haiku' });
});

describe.each(QUESTION_DIALECTS)('$name', (dialect) => {
  test.each([false, true])(
    'the requested model is not echoed in place of the one that served (stream: %s)',
    async (stream) => {
      const told = await dialect.ask(gateway, { model: 'chain', text: 'Say hello.', stream, headers: OUTAGE });
      expect(told.models).toEqual(['sim-claude-haiku']);
      expect(told.candor).toMatchObject({
        asked: 'chain',
        served_by: 'anthropic/claude-haiku',
        attempts: [
          { deployment: 'openai/gpt-4o', kind: 'overloaded' },
          { deployment: 'anthropic/claude-haiku', kind: 'ok' },
        ],
        fallback: { reason: 'upstream_overloaded' },
      });
      // The record of the same generation says the same.
      const { attempts: _attempts, ...facts } = told.candor;
      expect(await recordOf(told.response)).toMatchObject(facts);
    },
  );
});

test('the model that answered stands in a header of every answer and every refusal', async () => {
  for (const stream of [false, true]) {
    const plain = await ask({ stream });
    expect(plain.headers.get('x-candor-served-by')).toBe('openai/gpt-4o');
    const fallen = await ask({ stream }, { ...OUTAGE, 'x-candor-body': 'off' });
    expect(fallen.headers.get('x-candor-served-by')).toBe('anthropic/claude-haiku');
    expect(fallen.headers.get('x-candor-asked')).toBe('chain');
    await Promise.all([plain.text(), fallen.text()]);
  }
  const failed = await ask({}, { 'x-candor-sim': 'openai=503,anthropic=503' });
  expect(failed.status).toBe(503);
  expect(failed.headers.get('x-candor-served-by')).toBeNull();
  expect(failed.headers.get('x-candor-attempts')).toMatch(/^openai\/gpt-4o;status=503;.*, anthropic\/claude-haiku;/);
});

describe('with an upstream that is played', () => {
  let upstream: RawUpstream;
  let played: TestGateway;
  beforeAll(async () => {
    upstream = await startRawUpstream();
    played = await startTestGateway({ config: simulatedConfig(ROUTES), upstreams: { openai: upstream.url } });
  });
  afterAll(async () => {
    await played.close();
    await upstream.close();
  });

  test.each([false, true])(
    'headers of a provider that failed do not leak into its stand-in’s answer (stream: %s)',
    async (stream) => {
      const headers = [
        'content-type: application/json',
        'x-request-id: req_leaked',
        'openai-organization: leaked',
        'x-ratelimit-remaining-requests: 4242',
        'retry-after: 4242',
        'set-cookie: session=leaked',
        'x-candor-served-by: leaked/leaked',
      ];
      upstream.play(answer('503 Busy', headers, '{"error":{"message":"busy"}}'));
      const response = await played.post('/v1/chat/completions', { model: 'chain', messages: MESSAGES, stream });
      await response.text();
      expect(response.status).toBe(200);
      expect([...response.headers].filter(([, value]) => /leaked|4242/.test(value))).toEqual([]);
      expect(response.headers.get('x-candor-served-by')).toBe('anthropic/claude-haiku');
      const { attempts } = await recordOf(response, played);
      expect(attempts[0]?.upstream.request_id).toBe('req_leaked');
      expect(attempts[1]?.upstream.request_id).not.toBe('req_leaked');
    },
  );

  test('every attempt is on record with what was sent and received, also one that lost or was rejected', async () => {
    upstream.play(BUSY);
    const lost = await recordOf(
      await played.post('/v1/chat/completions', { model: 'chain', messages: MESSAGES }),
      played,
    );
    expect(lost.attempts.map(({ n, why, deployment, status, kind }) => [n, why, deployment, status, kind])).toEqual([
      [1, 'primary', 'openai/gpt-4o', 503, 'overloaded'],
      [2, 'fallback', 'anthropic/claude-haiku', 200, 'ok'],
    ]);
    expect(lost.attempts[0]?.received.body).toBe('{"error":{"message":"busy"}}');
    expect(lost.attempts[0]?.sent.body).toBe(upstream.requests.at(-1)?.body);

    upstream.play(json(completion({ text: '{"wrong": true}' })));
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const format = { type: 'json_schema', json_schema: { name: 'person', schema } };
    const rejected = await recordOf(
      await played.post('/v1/chat/completions', { model: 'chain', messages: MESSAGES, response_format: format }),
      played,
    );
    expect(rejected.attempts[0]).toMatchObject({
      kind: 'validation_failed',
      validation: { status: 'failed', verdicts: [{ validator: 'json_schema', outcome: 'fail' }] },
      received: { body: expect.stringContaining('wrong') },
      cost: expect.any(Number),
    });
    expect(rejected.attempts[1]).toMatchObject({ kind: 'ok', validation: { status: 'passed' } });
  });
});
