import { join } from 'node:path';

import OpenAI, { type APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type JsonObject, stringMember } from '../src/core/json.ts';
import type { LedgerEvent } from '../src/core/ledger-event.ts';
import { exportRecords } from '../src/ledger/export-records.ts';
import { verifyLedger } from '../src/ledger/verify/verify.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import { FailingDisk } from './support/ledger-folder.ts';
import { body } from './support/raw-upstream.ts';
import { completion } from './support/vendor-answers.ts';

const MESSAGES = [{ role: 'user' as const, content: 'Which clause limits the damages?' }];

let gateway: TestGateway;
let id: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  const answer = await gateway.client.chat.completions.create({ model: 'legal', messages: MESSAGES });
  ({ id } = answer);
});
afterAll(() => gateway.close());

const path = (of = id): string => `/v1/generations/${of}/outcome`;

/** The events in the gateway's journal. */
function events(): readonly JsonObject[] {
  return [
    ...exportRecords(join(gateway.directory, 'state'), { sinceMs: null, untilMs: null, bodies: false, events: true }),
  ];
}

async function refused(sent: unknown, of = id): Promise<unknown> {
  const before = events().length;
  const response = await gateway.post(path(of), sent);
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  expect(events()).toHaveLength(before);
  return [response.status, error.code, error.param];
}

describe('POST /v1/generations/{id}/outcome', () => {
  test('keeps what is said of an answer, each time anew, with what a calibration needs of its record', async () => {
    const first = await gateway.client.post<JsonObject>(`/generations/${id}/outcome`, {
      body: { accepted: false, source: 'user' },
    });
    expect(first).toEqual({
      object: 'outcome',
      id: expect.stringMatching(/^out_[0-9A-Z]{26}$/) as string,
      generation: id,
      accepted: false,
      score: null,
      source: 'user',
      field: null,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const again = await gateway.post(path(), { accepted: false, source: 'user' });
    expect(again.status).toBe(201);
    const scored = await gateway.post(path(), { score: 0.25, source: 'assert', field: '/lines/0/net-total' });
    expect(await scored.json()).toMatchObject({ accepted: null, score: 0.25, field: '/lines/0/net-total' });

    const kept = events();
    expect(kept).toHaveLength(3);
    expect(new Set(kept.map((event) => event['id'])).size).toBe(3);
    const record = await gateway.record(id);
    const [attempt] = record['attempts'] as JsonObject[];
    const { confidence, validation } = record as unknown as {
      confidence: { signals: object };
      validation: { verdicts: { validator: string; outcome: string }[] };
    };
    expect(kept[0]).toMatchObject({
      id: first['id'],
      object: 'outcome',
      created_at: first['created_at'],
      body: {
        generation: id,
        route: 'legal',
        deployment: record['served_by'],
        model: 'gpt-4o',
        snapshot: attempt?.['model_asked'],
        model_reported: attempt?.['model_reported'],
        template: attempt?.['template'],
        simulated: true,
        aside: null,
        accepted: false,
        score: null,
        source: 'user',
        field: null,
        signals: confidence.signals,
        validation: Object.fromEntries(validation.verdicts.map(({ validator, outcome }) => [validator, outcome])),
      },
      chain: { writer: (record['chain'] as { writer: string }).writer },
    });
    const verification = verifyLedger(join(gateway.directory, 'state'), { publicKeys: null, keptCheckpoints: null });
    expect(verification).toMatchObject({ ok: true, events: 3 });
  });

  test('refuses what is not an outcome by the name of what is wrong, and keeps nothing', async () => {
    const source = 'user';
    expect(await refused({ accepted: true, source, comment: 'good' })).toEqual([
      400,
      'unsupported_parameter',
      'comment',
    ]);
    expect(await refused({ source })).toEqual([400, 'invalid_request', 'accepted']);
    expect(await refused({ accepted: true, score: 1, source })).toEqual([400, 'invalid_request', 'score']);
    expect(await refused({ accepted: 'yes', source })).toEqual([400, 'invalid_type', 'accepted']);
    expect(await refused({ score: 1.01, source })).toEqual([400, 'param_out_of_range', 'score']);
    expect(await refused({ score: '1', source })).toEqual([400, 'invalid_type', 'score']);
    expect(await refused({ accepted: true })).toEqual([400, 'invalid_type', 'source']);
    expect(await refused({ accepted: true, source: 'the user said so' })).toEqual([
      400,
      'param_out_of_range',
      'source',
    ]);
    expect(await refused({ accepted: true, source: 'u'.repeat(65) })).toEqual([400, 'param_out_of_range', 'source']);
    expect(await refused({ accepted: true, source, field: 'a..b' })).toEqual([400, 'param_out_of_range', 'field']);
    expect(await refused({ accepted: true, source, field: '/a//b' })).toEqual([400, 'param_out_of_range', 'field']);
    expect(await refused({ accepted: true, source, field: 7 })).toEqual([400, 'invalid_type', 'field']);
    expect(await refused('{"accepted":true,"accepted":false,"source":"user"}')).toEqual([
      400,
      'duplicate_key',
      'accepted',
    ]);
    expect(await refused('[]')).toEqual([400, 'body_must_be_object', null]);
    expect(await refused(`{"accepted":true,"source":"user"${' '.repeat(64 * 1024)}}`)).toEqual([
      413,
      'request_too_large',
      null,
    ]);
  });

  test('refuses an idempotency key, a query, another method and another kind of body', async () => {
    const outcome = { accepted: true, source: 'user' };
    const withKey = await gateway.post(path(), outcome, { 'idempotency-key': 'k1' });
    expect(await withKey.json()).toMatchObject({ error: { code: 'unsupported_parameter', param: 'Idempotency-Key' } });
    const withQuery = await gateway.post(`${path()}?source=user`, outcome);
    expect(await withQuery.json()).toMatchObject({ error: { code: 'unsupported_parameter', param: 'source' } });
    const read = await fetch(gateway.url + path());
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
    const asText = await gateway.post(path(), outcome, { 'content-type': 'text/plain' });
    expect(asText.status).toBe(415);
  });

  test('takes none for a generation that is unknown, or has no complete answer', async () => {
    const outcome = { accepted: true, source: 'user' };
    for (const unknown of ['gen_00000000000000000000000000', 'gen_x', 'x']) {
      expect(await refused(outcome, unknown)).toEqual([404, 'generation_not_found', 'id']);
    }
    const failed = await gateway.post(
      '/v1/chat/completions',
      { model: 'gpt-4o', messages: MESSAGES },
      { 'x-candor-sim': 'openai=503' },
    );
    expect(failed.ok).toBe(false);
    const failedId = failed.headers.get('x-request-id') ?? '';
    expect(await refused(outcome, failedId)).toEqual([409, 'generation_not_complete', 'id']);
    const thrown: unknown = await gateway.client
      .post(`/generations/${failedId}/outcome`, { body: outcome, maxRetries: 2 })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(OpenAI.ConflictError);
    expect((thrown as APIError).headers?.get('x-should-retry')).toBe('false');
  });
});

describe('who learns from outcomes', () => {
  test('is told of each that is on record, and of none that could not be written', async () => {
    const heard: LedgerEvent[] = [];
    const disk = new FailingDisk();
    const injected = await startInjectedGateway({ outcomes: { add: (event) => heard.push(event) }, fileSystem: disk });
    try {
      injected.upstreams.openai.play(body(JSON.stringify(completion())));
      const post = (to: string, sent: object): Promise<Response> =>
        fetch(injected.url + to, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(sent),
        });
      const answer = await post('/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES });
      const answered = answer.headers.get('x-request-id') ?? '';
      expect(answer.status).toBe(200);
      const outcome = { accepted: true, source: 'user' };
      disk.failing = 'ENOSPC';
      expect((await post(path(answered), outcome)).status).toBe(503);
      disk.failing = null;
      expect(heard).toEqual([]);
      expect((await post(path(answered), outcome)).status).toBe(201);
      const [{ chain: _chain, ...kept } = {}] = await injected.ledger.events({ object: 'outcome' });
      expect(heard).toEqual([kept]);
    } finally {
      await injected.close();
    }
  });

  test('a request under way has no outcome yet', async () => {
    const injected = await startInjectedGateway();
    try {
      injected.upstreams.openai.play(() => undefined);
      const asked = injected.upstreams.openai.nextRequest();
      const abort = new AbortController();
      const headers = { 'content-type': 'application/json' };
      const answer = fetch(`${injected.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES }),
        signal: abort.signal,
      }).catch(() => null);
      await asked;
      const { generations } = await injected.ledger.list({ filters: {}, limit: 1, after: null });
      const response = await fetch(injected.url + path(stringMember(generations[0] ?? {}, 'id') ?? ''), {
        method: 'POST',
        headers,
        body: JSON.stringify({ accepted: true, source: 'user' }),
      });
      expect(response.status).toBe(409);
      expect(await response.text()).toContain('is running');
      abort.abort();
      await answer;
    } finally {
      await injected.close();
    }
  });
});

test('with enough of them the header says what the body says of an answer’s confidence', async () => {
  const ask = async (): Promise<readonly [string, string, string]> => {
    const response = await gateway.post('/v1/chat/completions', { model: 'extract', messages: MESSAGES });
    const told = (await response.json()) as { id: string; candor: { confidence: { value: null; status: string } } };
    const { value, status } = told.candor.confidence;
    return [told.id, response.headers.get('x-candor-confidence') ?? '', `${value};status=${status}`];
  };
  for (let labelled = 0; labelled < 30; labelled++) {
    await gateway.post(path((await ask())[0]), { accepted: labelled % 3 > 0, source: 'user' });
  }
  const [, header, body] = await ask();
  expect(header).toBe(body);
  expect(header).not.toContain('unknown');
});
