import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readStream } from './support/event-stream.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { provenanceSchema, recordSchema, type ReadProvenance, type ReadRecord } from './support/provenance-schema.ts';
import { SIMULATED_MODELS } from './support/simulated-models.ts';

type Request = OpenAI.ChatCompletionCreateParamsNonStreaming & { readonly candor?: Record<string, unknown> };

const HELLO: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }];
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.closeCircuits());

/** What the SDK makes of an error answer. */
interface SdkError {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly message: string;
  readonly error: { readonly candor: { readonly id: string; readonly refused: readonly unknown[] } };
}

async function ask(request: Request, headers: Record<string, string> = {}): Promise<OpenAI.ChatCompletion> {
  return gateway.client.chat.completions.create(request, { headers, maxRetries: 0 });
}

/** The error a request ends with; fails when it is answered. */
async function refusal(request: Request, headers: Record<string, string> = {}): Promise<SdkError> {
  const outcome = await ask(request, headers).catch((error: unknown) => error as SdkError);
  if ('choices' in outcome) throw new Error(`answered by ${outcome.model}`);
  return outcome;
}

function candorOf(answer: object): ReadProvenance {
  return provenanceSchema.parse((answer as { candor?: unknown }).candor);
}

async function readRecord(id: string): Promise<ReadRecord> {
  return recordSchema.parse(await gateway.record(id));
}

describe('what `model` may name', () => {
  test.each([
    ['extract', 'gpt-4o'],
    ['summarize', 'gemini-flash'],
    ['create', 'claude-opus'],
    ['legal', 'gpt-4o'],
  ])('the route %s, which %s serves', async (route, model) => {
    const answer = await ask({ model: route, messages: HELLO });
    expect(answer.model).toBe(`sim-${model}`);
    expect(candorOf(answer)).toMatchObject({ asked: route, route });
  });

  test.each(SIMULATED_MODELS)('$provider/$model', async ({ model, provider }) => {
    const name = `${provider}/${model}`;
    const answer = await ask({ model: name, messages: HELLO });
    expect(answer.model).toBe(`sim-${model}`);
    expect(candorOf(answer)).toMatchObject({ asked: name, route: null, served_by: name });
  });

  test.each([
    ['gpt-4', 'gpt-4o'],
    ['Extrakt', 'extract'],
    ['claude-opsu', 'claude-opus'],
    ['openai/gpt4o', 'openai/gpt-4o'],
  ])('not %s: the answer is 404 and suggests %s', async (name, suggestion) => {
    const before = gateway.simulator.received.length;
    const error = await refusal({ model: name, messages: HELLO });
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(error.message).toContain(`\`${name}\``);
    expect(error.message).toContain(`did you mean \`${suggestion}\`?`);
    expect(gateway.simulator.received).toHaveLength(before);
  });

  test('not a name like no other: the answer says where all names are', async () => {
    const error = await refusal({ model: 'something-else-entirely', messages: HELLO });
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(error.message).not.toContain('did you mean');
    expect(error.message).toContain('/v1/models');
    expect(await readRecord(error.error.candor.id)).toMatchObject({
      status: 'failed',
      http: 404,
      attempts: [],
      cost: 0,
    });
  });

  test('not auto, where the config has no rules', async () => {
    expect(await refusal({ model: 'auto', messages: HELLO })).toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'model',
    });
  });

  test('everything the list of models names, and each can be looked up', async () => {
    const names: string[] = [];
    for await (const model of gateway.client.models.list()) names.push(model.id);
    const models = SIMULATED_MODELS.flatMap(({ model, provider }) => [model, `${provider}/${model}`]);
    expect(names.toSorted()).toEqual([...models, 'create', 'extract', 'legal', 'summarize'].toSorted());
    for (const name of names)
      expect(await gateway.client.models.retrieve(name)).toMatchObject({ id: name, object: 'model' });
    await expect(gateway.client.models.retrieve('gpt-4')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    await expect(gateway.client.models.retrieve('openai/gpt-4')).rejects.toMatchObject({ status: 404 });
  });
});

describe('the words a request may use, as headers and in the body', () => {
  test.each([
    ['header', {}, { 'x-candor-route': 'summarize' }],
    ['twin', { candor: { route: 'summarize' } }, {}],
    ['both', { candor: { route: 'summarize' } }, { 'x-candor-route': 'summarize' }],
  ])('route (%s): the route decides, whatever `model` says', async (_form, extra, headers) => {
    const answer = await ask({ model: 'gpt-4o', messages: HELLO, ...extra }, headers);
    expect(answer.model).toBe('sim-gemini-flash');
    expect(candorOf(answer)).toMatchObject({ asked: 'gpt-4o', route: 'summarize' });
  });

  test('route: an unknown one is 404, and two that differ are 400', async () => {
    const unknown = await refusal({ model: 'gpt-4o', messages: HELLO }, { 'x-candor-route': 'sumarize' });
    expect(unknown).toMatchObject({ status: 404, code: 'model_not_found', param: 'x-candor-route' });
    expect(unknown.message).toContain('did you mean `summarize`?');
    const request = { model: 'gpt-4o', messages: HELLO, candor: { route: 'legal' } };
    const differing = await refusal(request, { 'x-candor-route': 'summarize' });
    expect(differing).toMatchObject({ status: 400, code: 'invalid_request', param: 'x-candor-route' });
  });

  test.each([
    ['header', {}, { 'x-candor-fallback': 'off' }],
    ['twin', { candor: { fallback: 'off' } }, {}],
  ])(
    'fallback off (%s): only the first is asked, and the others excluded with that reason',
    async (_form, extra, headers) => {
      const request = { model: 'legal', messages: HELLO, ...extra };
      const error = await refusal(request, { ...headers, 'x-candor-sim': 'openai=503' });
      expect(error).toMatchObject({ status: 503, code: 'upstream_overloaded' });
      const record = await readRecord(error.error.candor.id);
      // The last one there is is asked once more, where its vendor did not begin.
      expect(record.attempts.map(({ deployment, why }) => `${why} ${deployment}`)).toEqual([
        'primary openai/gpt-4o',
        'retry openai/gpt-4o',
      ]);
      expect(
        record.candidates.map(({ deployment, verdict, reasons }) => [deployment, verdict, reasons[0]?.rule]),
      ).toEqual([
        ['openai/gpt-4o', 'tried', undefined],
        ['anthropic/claude-opus', 'excluded', 'fallback'],
        ['google/gemini-flash', 'excluded', 'fallback'],
      ]);
    },
  );

  test('fallback degraded: as the routes of a development gateway allow', async () => {
    const headers = { 'x-candor-fallback': 'degraded', 'x-candor-sim': 'openai=503' };
    const answer = await ask({ model: 'legal', messages: HELLO }, headers);
    expect(candorOf(answer).degraded).toEqual({ reason: 'uncertified' });
  });

  test.each([
    ['header', {}, { 'x-candor-timeout-ms': '60' }],
    ['twin', { candor: { timeout_ms: 60 } }, {}],
  ])('timeout (%s): a request is over when its time is', async (_form, extra, headers) => {
    const request = { model: 'gpt-4o', messages: HELLO, ...extra };
    const error = await refusal(request, { ...headers, 'x-candor-sim': 'openai=stall:1' });
    expect(error).toMatchObject({ status: 504, code: 'deadline_exceeded' });
    expect(error.message).toContain('60 ms');
    expect(await readRecord(error.error.candor.id)).toMatchObject({ status: 'failed', http: 504 });
  });

  test('tags and a trace context: kept in the record, from header and body alike', async () => {
    const request = { model: 'gpt-4o', messages: HELLO, candor: { tags: { job: 'nightly' } } };
    const answer = await ask(request, { 'x-candor-tags': 'team=search, tier=gold', traceparent: TRACE });
    const { request: recorded } = await readRecord(answer.id);
    expect(recorded.tags).toEqual({ team: 'search', tier: 'gold', job: 'nightly', traceparent: TRACE });
  });

  test('tags: one name with two values is 400', async () => {
    const request = { model: 'gpt-4o', messages: HELLO, candor: { tags: { team: 'search' } } };
    const error = await refusal(request, { 'x-candor-tags': 'team=billing' });
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'x-candor-tags' });
  });

  test('sim: one request meets the fault, the next does not', async () => {
    const error = await refusal({ model: 'gpt-4o', messages: HELLO }, { 'x-candor-sim': 'openai=429' });
    expect(error).toMatchObject({ status: 429, code: 'upstream_rate_limited' });
    expect((await ask({ model: 'gpt-4o', messages: HELLO })).model).toBe('sim-gpt-4o');
    const unknown = await refusal({ model: 'gpt-4o', messages: HELLO }, { 'x-candor-sim': 'openai=flood' });
    expect(unknown).toMatchObject({ status: 400, code: 'invalid_request', param: 'x-candor-sim' });
    const nobody = await refusal({ model: 'gpt-4o', messages: HELLO }, { 'x-candor-sim': 'mistral=503' });
    expect(nobody).toMatchObject({ status: 409, code: 'sim_not_simulated', param: 'x-candor-sim' });
  });

  test.each(SIMULATED_MODELS)('body off: the plain vendor shape from $model', async ({ model, provider }) => {
    const headers = { 'x-candor-body': 'off' };
    const answer = await ask({ model, messages: HELLO }, headers);
    expect(answer).not.toHaveProperty('candor');
    expect(answer.usage).not.toHaveProperty('cost');
    const record = await readRecord(answer.id);
    if (provider === 'openai' || provider === 'deepseek') {
      const vendor = JSON.parse(record.attempts[0]?.received.body ?? '') as object;
      expect(answer).toEqual({ ...vendor, id: answer.id });
    }
    const streamed = await readStream(
      await gateway.client.chat.completions
        .create({ model, messages: HELLO, stream: true, stream_options: { include_usage: true } }, { headers })
        .asResponse(),
    );
    expect(streamed.chunks.filter((chunk) => 'candor' in chunk)).toEqual([]);
    expect(streamed.chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: answer.usage?.prompt_tokens });
    expect(streamed.chunks.at(-1)?.usage).not.toHaveProperty('cost');
  });

  test.each([
    ['x-candor-timeout-ms', 'soon'],
    ['x-candor-timeout-ms', '0'],
    ['x-candor-max-cost-usd', '0'],
    ['x-candor-max-cost-usd', '$1'],
    ['x-candor-fallback', 'maybe'],
    ['x-candor-tags', 'team'],
    ['x-candor-body', 'half'],
    ['x-candor-sim', 'openai'],
  ])('%s: %s is not a value of it', async (name, value) => {
    const error = await refusal({ model: 'gpt-4o', messages: HELLO }, { [name]: value });
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: name });
  });
});

describe('what is not built yet is refused by name, and nothing is sent', () => {
  test.each([
    ['x-candor-data', 'public'],
    ['x-candor-regions', 'eu'],
    ['x-candor-subject', 'person-1'],
    ['x-candor-anything-else', '1'],
    ['idempotency-key', 'abc'],
  ])('the header %s: %s', async (name, value) => {
    const before = gateway.simulator.received.length;
    const error = await refusal({ model: 'gpt-4o', messages: HELLO }, { [name]: value });
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param: name });
    expect(gateway.simulator.received).toHaveLength(before);
  });

  test.each([
    ['data', 'public'],
    ['regions', ['eu']],
    ['subject', 'person-1'],
    ['if', 'outage=openai'],
    ['tokens', 10],
    ['sim', 'openai=503'],
    ['body', 'off'],
    ['anything_else', 1],
  ])('the member candor.%s: %j', async (name, value) => {
    const before = gateway.simulator.received.length;
    const error = await refusal({ model: 'gpt-4o', messages: HELLO, candor: { [name]: value } });
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param: `candor.${name}` });
    expect(gateway.simulator.received).toHaveLength(before);
  });
});
