import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import type { GenerationRecord } from '../src/core/record.ts';
import { QUESTION, REPLAYED } from './support/replayed.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { explanationSchema, replaySchema } from './support/http-schemas.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import { startKeyedGateway } from './support/keyed-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { body } from './support/raw-upstream.ts';
import { BUSY, completion, json } from './support/vendor-answers.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(REPLAYED);
});
afterAll(() => gateway.close());

type ReadReplay = JsonObject & {
  readonly id: string;
  readonly attempts: readonly (JsonObject & {
    readonly deployment: string;
    readonly sent: { readonly body: string };
  })[];
};

async function ask(body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await gateway.post('/v1/chat/completions', { ...QUESTION, ...body }, headers);
  await response.text();
  return response.headers.get('x-request-id') ?? '';
}

async function replay(id: string, body: object = {}): Promise<ReadReplay> {
  const response = await gateway.post(`/v1/generations/${id}/replay`, body);
  const answer = (await response.json()) as ReadReplay;
  expect([response.status, answer['error'] ?? null]).toEqual([200, null]);
  return answer;
}

async function refused(id: string, body: object): Promise<unknown> {
  const response = await gateway.post(`/v1/generations/${id}/replay`, body);
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return [response.status, error.code, error.param];
}

async function listed(query: string): Promise<readonly string[]> {
  const response = await fetch(`${gateway.url}/v1/generations?limit=100${query}`);
  return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}

describe('POST /v1/generations/{id}/replay', () => {
  test('asks again as it was asked, and answers with the record of the new generation', async () => {
    const tags = {
      'x-candor-tags': 'team=a',
      'x-candor-fallback': 'off',
      'x-candor-max-cost-usd': '0.5',
      'x-candor-timeout-ms': '9000',
    };
    const id = await ask({}, tags);
    const answer = await replay(id);
    replaySchema.parse(answer);
    const { agreement, ...record } = answer;
    expect(record).toEqual(await gateway.record(answer.id));
    expect(answer).toMatchObject({
      asked: 'extract',
      route: 'extract',
      replay_of: id,
      aside: { purpose: 'replay', of: id },
      served_by: 'openai/gpt-4o',
      fallback: null,
      request: { tags: { team: 'a' }, directives: { fallback: 'off', max_cost_usd: 0.5, timeout_ms: 9000 } },
    });
    expect(answer.id).not.toBe(id);
    // The simulator answers the same question with the same words.
    expect(agreement).toBe(1);
    const [before, after] = [await gateway.record(id), record] as unknown as ReadReplay[];
    expect(after?.attempts[0]?.sent.body).toBe(before?.attempts[0]?.sent.body);
  });

  test('a model of its route answers under its own prompt, with the brief of a fallback', async () => {
    const id = await ask();
    const { attempts, degraded, fallback } = await replay(id, { model: 'claude-opus', config: 'now' });
    const [only] = attempts;
    expect(attempts.map(({ deployment }) => deployment)).toEqual(['anthropic/claude-opus']);
    expect([degraded, fallback]).toEqual([null, null]);
    expect(attempts[0]?.sent.body).toContain('Extract for B.');
    expect(attempts[0]?.sent.body).not.toContain('Extract for A.');
    const kinds = (only?.['adjustments'] as readonly { kind: string }[] | undefined)?.map(({ kind }) => kind);
    expect(kinds).toContain('brief');
    expect((await replay(id, { model: 'gpt-4o' })).attempts[0]?.sent.body).toContain('Extract for A.');
  });

  test('meets no fault that the first one asked for, and streams where that one did', async () => {
    const id = await ask({ stream: true }, { 'x-candor-sim': 'openai=503,anthropic=503' });
    expect(await gateway.record(id)).toMatchObject({ status: 'failed' });
    await gateway.closeCircuits();
    const answer = await replay(id);
    expect(answer).toMatchObject({ status: 'complete', stream: true, served_by: 'openai/gpt-4o', agreement: null });
    expect(JSON.parse(answer.attempts[0]?.sent.body ?? '{}')).toMatchObject({ stream: true });
  });

  test('another model of the config, where its client had named one', async () => {
    const id = await ask({ model: 'gpt-4o' });
    expect(await replay(id)).toMatchObject({ route: null, served_by: 'openai/gpt-4o' });
    expect(await replay(id, { model: 'gpt-4o-mini' })).toMatchObject({ route: null, served_by: 'openai/gpt-4o-mini' });
    expect(await refused(id, { model: 'gpt-4o-mimi' })).toEqual([404, 'model_not_found', 'model']);
  });

  test('a replay is run again with the model it asked', async () => {
    const { id } = await replay(await ask({ model: 'gpt-4o' }), { model: 'gpt-4o-mini' });
    expect(await replay(id)).toMatchObject({ asked: 'gpt-4o-mini', served_by: 'openai/gpt-4o-mini', replay_of: id });
  });

  test('an answer that nobody got agrees with none', async () => {
    const response = await gateway.post(`/v1/generations/${await ask({ model: 'checked' })}/replay`, {});
    expect(await response.json()).toMatchObject({
      served_by: null,
      error: { code: 'validation_failed' },
      agreement: null,
    });
  });

  test('limits that its body says in other words are the same limits', async () => {
    const id = await ask({
      candor: { timeout_ms: '09000', max_cost_usd: 0.5, fallback: 'off', tags: { team: 'a,b' } },
    });
    expect(await replay(id)).toMatchObject({
      request: { directives: { timeout_ms: 9000, max_cost_usd: 0.5, fallback: 'off' }, tags: { team: 'a,b' } },
    });
  });

  test('a request that is refused is answered with the record of the refusal', async () => {
    const id = await ask({ model: 'other' });
    await gateway.post(
      '/admin/sim',
      { target: 'openai', fault: 'outage', status: 503 },
      { authorization: `Bearer ${gateway.adminToken}` },
    );
    const response = await gateway.post(`/v1/generations/${id}/replay`, {});
    expect(response.status).toBe(200);
    const answer = replaySchema.parse(await response.json());
    expect(answer).toMatchObject({
      status: 'failed',
      served_by: null,
      agreement: null,
      error: { code: 'upstream_overloaded' },
    });
    await fetch(`${gateway.url}/admin/sim`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${gateway.adminToken}` },
    });
    await gateway.closeCircuits();
  });

  test('refuses by name what it cannot do', async () => {
    const id = await ask();
    expect(await refused(id, { prompt: 'x' })).toEqual([400, 'unsupported_parameter', 'prompt']);
    expect(await refused(id, { config: 'later' })).toEqual([400, 'param_out_of_range', 'config']);
    expect(await refused(id, { model: 7 })).toEqual([400, 'invalid_type', 'model']);
    expect(await refused(id, { model: 'gpt-4o-mini' })).toEqual([404, 'model_not_found', 'model']);
    expect(await refused('gen_01M82000000000000000000001', {})).toEqual([404, 'generation_not_found', 'id']);
    expect(await replay(id, { config: 'then' })).toMatchObject({ config: (await gateway.record(id))['config'] });
  });
});

describe('what is not there any more', () => {
  test('a text that is gone is refused as such, and nothing is asked', async () => {
    const own = await startTestGateway(REPLAYED);
    try {
      const response = await own.post('/v1/chat/completions', QUESTION);
      const { id } = (await response.json()) as { id: string };
      rmSync(join(own.directory, 'state', 'content'), { recursive: true });
      const refusal = await own.post(`/v1/generations/${id}/replay`, {});
      const { error } = (await refusal.json()) as { error: { code: string; message: string } };
      expect([refusal.status, error.code]).toEqual([409, 'content_not_kept']);
      expect(error.message).toContain('was erased');
      const any = (await (await fetch(`${own.url}/v1/generations?aside=any`)).json()) as { data: unknown[] };
      expect(any.data).toHaveLength(1);
    } finally {
      await own.close();
    }
  });

  test('a text that was not kept, and a config that is not in force', async () => {
    const own = await startInjectedGateway();
    try {
      const { content: _content, chain: _chain, ...known } = await gateway.record(await ask());
      const record = known as unknown as GenerationRecord;
      const id = 'gen_01M82000000000000000000001';
      const request = { ...record.request, body: null };
      await own.ledger.finish({ ...record, id, config: 'aaaaaaaaaaaa', request }, null);
      const refusal = async (body: object): Promise<unknown> => {
        const headers = { 'content-type': 'application/json' };
        const init = { method: 'POST', headers, body: JSON.stringify(body) };
        const response = await fetch(`${own.url}/v1/generations/${id}/replay`, init);
        const { error } = (await response.json()) as {
          error: { code: string; param: string; candor: { fix: string } };
        };
        return [response.status, error.code, error.param, error.candor.fix];
      };
      expect(await refusal({})).toMatchObject([409, 'content_not_kept', 'id', expect.any(String)]);
      expect(await refusal({ config: 'then' })).toEqual([
        400,
        'unsupported_parameter',
        'config',
        expect.stringContaining('candor config rollback aaaaaaaaaaaa'),
      ]);
    } finally {
      await own.close();
    }
  });
});

test('a replay whose asker has gone meanwhile asks nobody', async () => {
  const own = await startInjectedGateway();
  try {
    own.upstreams.openai.play(body(JSON.stringify(completion())));
    const headers = { 'content-type': 'application/json' };
    const question = JSON.stringify({ ...QUESTION, model: 'gpt-4o' });
    const first = await fetch(`${own.url}/v1/chat/completions`, { method: 'POST', headers, body: question });
    const id = first.headers.get('x-request-id') ?? '';
    const find = own.ledger.find.bind(own.ledger);
    const gone = new AbortController();
    const replayed = new Promise<JsonObject | null>((resolve) => {
      own.ledger.find = async (wanted) => {
        const found = await find(wanted);
        if (wanted !== id) resolve(found);
        else {
          gone.abort();
          // By the time that somebody else is answered, it is known that this one has gone.
          for (let others = 0; others < 3; others++) await (await fetch(`${own.url}/healthz`)).text();
        }
        return found;
      };
    });
    const init = { method: 'POST', headers, body: '{}', signal: gone.signal };
    await expect(fetch(`${own.url}/v1/generations/${id}/replay`, init)).rejects.toThrow('aborted');
    expect(await replayed).toMatchObject({ status: 'cancelled', attempts: [] });
    expect(own.upstreams.openai.requests).toHaveLength(1);
  } finally {
    await own.close();
  }
});

test('replays take no retry from clients', async () => {
  // Of virtual time, which passes while the sockets of a busy machine take theirs.
  const LIMIT_MS = 30_000;
  const clock = new ManualClock();
  const own = await startKeyedGateway({ clock });
  const asked = (): number => own.upstreams.openai.requests.length;
  const ask = (): Promise<Response> => clock.passUntil(own.ask({ ...QUESTION, model: 'gpt-4o' }), LIMIT_MS);
  try {
    own.upstreams.openai.play(json(completion()));
    const id = (await ask()).headers.get('x-request-id') ?? '';
    own.upstreams.openai.play(BUSY);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const replays = Array.from({ length: 4 }, () => fetch(`${own.url}/v1/generations/${id}/replay`, init));
    await clock.passUntil(Promise.all(replays), LIMIT_MS);
    // Three of them were retried: they have their own bound.
    expect(asked()).toBe(1 + 4 + 3);
    await ask();
    expect(asked()).toBe(1 + 4 + 3 + 2);
  } finally {
    await own.close();
  }
});

describe('what a request would get now', () => {
  test('of one model of its route, as long an answer as then where none was measured', async () => {
    const id = await ask();
    const response = await gateway.post('/v1/candor/explain', { generation: id, model: 'claude-opus' });
    const explanation = explanationSchema.parse(await response.json()) as unknown as {
      now: {
        plan: { deployment: string; adjustments: { kind: string }[] }[];
        candidates: { estimate: { cost: number }; prompt: object }[];
      };
    };
    expect(explanation.now.plan.map(({ deployment }) => deployment)).toEqual(['anthropic/claude-opus']);
    expect(explanation.now.plan[0]?.adjustments.map(({ kind }) => kind)).toContain('brief');
    expect(explanation.now.candidates[0]?.estimate.cost).toBeGreaterThan(0);
    expect(explanation.now.candidates[0]?.prompt).toMatchObject({ file: 'prompts/extract.claude-opus.md' });
  });
});

describe('lists', () => {
  test('show what Candor itself asked only where it is asked for', async () => {
    const id = await ask();
    const { id: again } = await replay(id);
    const clients = await listed('');
    expect(clients).toContain(id);
    expect(clients).not.toContain(again);
    const replays = await listed('&aside=replay');
    expect(replays).toContain(again);
    expect(replays).not.toContain(id);
    expect(await listed('&aside=shadow')).toEqual([]);
    expect(await listed('&aside=any')).toEqual(expect.arrayContaining([id, again]));
    const response = await fetch(`${gateway.url}/v1/generations?aside=nothing`);
    expect(response.status).toBe(400);
    expect(await (await fetch(gateway.url)).text()).not.toContain(again);
  });
});
