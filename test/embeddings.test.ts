import type OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { provenanceSchema } from './support/provenance-schema.ts';
import { body, startRawUpstream, type RawUpstream } from './support/raw-upstream.ts';
import { expectRefused } from './support/refusal.ts';

const CONFIG = `providers:
  openai: { sim: true }
  left: { kind: openai, sim: true }
  right: { kind: openai, sim: true }
  google: { sim: true }
  deepseek: { sim: true }
  anthropic: { sim: true }
  scripted: { kind: openai, sim: true }
  host: { kind: openai, sim: true }
models:
  hosted: { at: host, id: nomic-embed-text }
  small: { at: openai, id: text-embedding-3-small }
  old: { at: openai, id: text-embedding-ada-002 }
  gemini: { at: google, id: gemini-embedding-001 }
  twin: { at: [{ provider: left, id: text-embedding-3-small }, { provider: right, id: text-embedding-3-small }] }
  played: { at: scripted, id: text-embedding-3-small }
  briefed: { at: openai, id: text-embedding-3-large, prompt: { append: Answer in French. } }
  gpt-4o: { at: openai }
  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }
  deepseek-chat: { at: deepseek }
routes:
  search: { try: [gpt-4o, gemini, small] }
  ask: { try: [small, gpt-4o] }
  stable: { try: [twin, gemini] }
  tuned: { try: [small], params: { temperature: { max: 0.3 } } }
`;

type Told = OpenAI.CreateEmbeddingResponse & { readonly candor?: unknown; readonly usage: { readonly cost?: unknown } };

let gateway: TestGateway;
let scripted: RawUpstream;
beforeAll(async () => {
  scripted = await startRawUpstream();
  gateway = await startTestGateway({ config: CONFIG, upstreams: { scripted: scripted.url, host: scripted.url } });
});
afterAll(async () => {
  await gateway.close();
  await scripted.close();
});
beforeEach(() => gateway.closeCircuits());

const embed = (members: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  gateway.post('/v1/embeddings', members, headers);

function norm(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

describe('the official SDK, which asks for base64 by itself', () => {
  test.each([
    ['small', 'openai/small', 1536],
    ['gemini', 'google/gemini', 3072],
  ])('gets vectors of %s', async (model, servedBy, length) => {
    const { data, response } = await gateway.client.embeddings.create({ model, input: ['one', 'two'] }).withResponse();
    expect(data.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, length],
      [1, length],
    ]);
    for (const { embedding } of data.data) expect(norm(embedding)).toBeCloseTo(1, 4);
    expect(data.data[0]?.embedding).not.toEqual(data.data[1]?.embedding);
    const candor = provenanceSchema.parse((data as Told).candor);
    expect(candor).toMatchObject({ asked: model, served_by: servedBy, fallback: null, simulated: true });
    expect(response.headers.get('x-candor-served-by')).toBe(servedBy);
  });

  test('gets the same vectors as JSON numbers, whoever made them', async () => {
    for (const model of ['small', 'gemini']) {
      const asked = { model, input: 'one', dimensions: 64 } as const;
      const base64 = await gateway.client.embeddings.create(asked);
      const float = await gateway.client.embeddings.create({ ...asked, encoding_format: 'float' });
      const [sent] = float.data;
      expect(sent?.embedding).toHaveLength(64);
      expect(base64.data[0]?.embedding).toEqual(sent?.embedding.map(Math.fround));
    }
  });

  test('reads tokens and cost, and a cost of nobody knows where the vendor counts none', async () => {
    const small = (await gateway.client.embeddings.create({ model: 'small', input: 'one two three' })) as Told;
    expect(small.model).toBe('sim-small');
    expect(small.usage).toEqual({ prompt_tokens: 3, total_tokens: 3, cost: 6e-8 });
    const gemini = (await gateway.client.embeddings.create({ model: 'gemini', input: 'one two three' })) as Told;
    expect({ model: gemini.model, usage: gemini.usage }).toEqual({ model: null, usage: null });
    expect(provenanceSchema.parse(gemini.candor).attempts[0]?.cost).toBeNull();
  });
});

describe('within the protocol', () => {
  test('the client’s bytes pass but for the model, and the vendor’s but for what is ours', async () => {
    const sent = '{ "input" : [[1, 2], [3]],"future": 1.0, "model":"played", "encoding_format": "float",  "user":"u" }';
    scripted.play(
      body(
        '{"object":"list", "data":[{"object":"embedding","index":0,"embedding":[0.50]},{"index":1,"embedding":[1e0]}],' +
          ' "extra":1.0,"model":"text-embedding-3-small","usage":{"prompt_tokens":3,"total_tokens":3}}',
      ),
    );
    const response = await gateway.post('/v1/embeddings', sent, { 'x-candor-body': 'off' });
    expect(scripted.requests.at(-1)?.body).toBe(sent.replace('played', 'text-embedding-3-small'));
    expect(scripted.requests.at(-1)?.head).toContain('POST /embeddings HTTP/1.1');
    expect(await response.text()).toBe(
      '{"object":"list", "data":[{"object":"embedding","index":0,"embedding":[0.50]},{"index":1,"embedding":[1e0]}],' +
        ' "extra":1.0,"model":"text-embedding-3-small","usage":{"prompt_tokens":3,"total_tokens":3}}',
    );
    const record = await gateway.record(response.headers.get('x-request-id') ?? '');
    expect(record).toMatchObject({
      dialect: 'openai-embeddings',
      status: 'complete',
      request: { params: { model: 'played', encoding_format: 'float', user: 'u' } },
      attempts: [{ flags: ['unknown_field:future'], usage: { prompt_tokens: 3 } }],
    });
    expect(JSON.stringify((record as { request: { params: object } }).request.params)).not.toContain('input');
  });

  test('a vendor that answers in the other format than was asked is written anew', async () => {
    scripted.play(body('{"object":"list","data":[{"index":0,"embedding":[0.1,-2,3.5]}],"model":"m"}'));
    const response = await embed({ model: 'played', input: 'x', encoding_format: 'base64' });
    expect(await response.json()).toMatchObject({ data: [{ index: 0, embedding: 'zczMPQAAAMAAAGBA' }], usage: null });
  });
});

test('a server of the protocol that may not know base64 is not asked for it, and the client gets it', async () => {
  scripted.play(body('{"object":"list","data":[{"index":0,"embedding":[0.1,-2,3.5]}],"model":"nomic-embed-text"}'));
  const asked = await gateway.client.embeddings.create({ model: 'hosted', input: 'x' });
  expect(asked.data[0]?.embedding).toEqual([Math.fround(0.1), -2, 3.5]);
  expect(scripted.requests.at(-1)?.body).toBe('{"model":"nomic-embed-text","input":"x"}');
});

describe('a vendor’s answer that is not what was asked for', () => {
  const list = (...data: readonly unknown[]): string => JSON.stringify({ object: 'list', data, model: 'm' });
  const at = (index: number, embedding: unknown): object => ({ object: 'embedding', index, embedding });

  test.each([
    ['a vector is missing', list(at(0, [1, 2])), 'the vendor sent 1 vectors for 2 inputs'],
    ['a vector too many', list(at(0, [1]), at(1, [1]), at(2, [1])), 'the vendor sent 3 vectors for 2 inputs'],
    ['an index twice', list(at(0, [1]), at(0, [1])), 'an embedding lacks an index of its own'],
    ['an index left out', list(at(0, [1]), at(2, [1])), 'the embeddings leave out an index'],
    ['no numbers', list(at(0, [1]), at(1, ['1'])), 'is no list of numbers'],
    ['a number no 32-bit float holds', list(at(0, [1]), at(1, [1e39])), 'is no list of numbers'],
    ['half a float', list(at(0, 'AAAA'), at(1, 'AAAA')), 'is no list of numbers'],
    ['two lengths', list(at(0, [1, 2]), at(1, [1])), 'a vector of 1 numbers where 2 were expected'],
    ['empty vectors', list(at(0, []), at(1, [])), 'a vector of 0 numbers'],
    ['no list', '{"data":null}', 'the vendor sent 0 vectors for 2 inputs'],
  ])('%s', async (_name, text, message) => {
    scripted.play(body(text));
    const asked = await embed({ model: 'played', input: ['a', 'b'] });
    expect((await expectRefused(asked, 502, 'upstream_invalid_answer')).message).toContain(message);
  });

  test('another length than was asked', async () => {
    scripted.play(body(list(at(0, [1, 2, 3]))));
    const asked = await embed({ model: 'played', input: 'a', dimensions: 2 });
    const { message } = await expectRefused(asked, 502, 'upstream_invalid_answer');
    expect(message).toContain('a vector of 3 numbers where 2 were expected');
  });

  test.each([
    ['float', [1], [0.5]],
    ['base64', 'AACAPw==', 'AAAAPw=='],
  ])('vectors in another order come in that of their inputs, as %s', async (format, one, half) => {
    scripted.play(body(list(at(1, one), at(0, half))));
    const asked = await embed({ model: 'played', input: ['a', 'b'], encoding_format: format });
    expect(((await asked.json()) as Told).data).toEqual([at(0, half), at(1, one)]);
  });

  test('a total that is more than what was read makes the cost unknown', async () => {
    const usage = { prompt_tokens: 5, total_tokens: 900 };
    scripted.play(body(JSON.stringify({ data: [at(0, [1])], model: 'text-embedding-3-small', usage })));
    const told = (await (await embed({ model: 'played', input: 'a' })).json()) as Told;
    expect(told.usage).toEqual({ ...usage, cost: null });
  });
});

describe('embeddings never change model', () => {
  test('the deployments of one model stand in for one another', async () => {
    // They share its requests: one of two comes to the one that fails.
    const ask = (): Promise<Response> => embed({ model: 'stable', input: 'x' }, { 'x-candor-sim': 'left=503' });
    const asked = [await ask(), await ask(), await ask()];
    const response = asked.find(({ headers }) => headers.get('x-candor-fallback') !== '?0') as Response;
    const { candor } = (await response.json()) as Told;
    expect(provenanceSchema.parse(candor)).toMatchObject({
      served_by: 'right/twin',
      fallback: { reason: 'upstream_overloaded' },
      degraded: null,
    });
    expect(response.headers.get('x-candor-fallback')).toBe('?1;reason=upstream_overloaded;same=model');
  });

  test('another model does not, though the route names it', async () => {
    const asked = await embed({ model: 'stable', input: 'x' }, { 'x-candor-sim': 'left=503,right=503' });
    const { candor } = await expectRefused(asked, 503, 'attempts_exhausted');
    const record = await gateway.record(candor.id);
    expect(record).toMatchObject({
      candidates: expect.arrayContaining([
        expect.objectContaining({ deployment: 'left/twin', verdict: 'tried' }),
        expect.objectContaining({ deployment: 'right/twin', verdict: 'tried' }),
        expect.objectContaining({
          deployment: 'google/gemini',
          verdict: 'excluded',
          reasons: [expect.objectContaining({ rule: 'fallback', need: 'same_model' })],
        }),
      ]) as unknown,
    });
  });

  test('nor where only the other could do what this one request needs', async () => {
    const text = await embed({ model: 'search', input: 'x' });
    expect(text.headers.get('x-candor-served-by')).toBe('google/gemini');
    const tokens = await embed({ model: 'search', input: [1, 2] });
    const { message, param } = await expectRefused(tokens, 400, 'unsupported_parameter');
    expect({ message, param }).toMatchObject({ message: expect.stringContaining('google/gemini'), param: 'input' });
  });

  test('a client that asks for it is told so', async () => {
    const asked = await embed({ model: 'stable', input: 'x' }, { 'x-candor-fallback': 'degraded' });
    const { message } = await expectRefused(asked, 400, 'invalid_request');
    expect(message).toContain('embeddings never change model');
  });
});

describe('refused by name', () => {
  test.each(['gpt-4o', 'claude-haiku', 'deepseek-chat'])('embeddings of %s, which chats', async (model) => {
    const { message, candor } = await expectRefused(await embed({ model, input: 'x' }), 400, 'unsupported_parameter');
    expect(message).toContain('no candidate makes embeddings');
    expect(candor).toMatchObject({ refused: [{ rule: 'embeddings', deployment: expect.stringContaining(model) }] });
  });

  test('a chat with a model that makes embeddings', async () => {
    const messages = [{ role: 'user', content: 'x' }];
    const asked = await gateway.post('/v1/chat/completions', { model: 'gemini', messages });
    const { message, candor } = await expectRefused(asked, 400, 'unsupported_parameter');
    expect(message).toContain('every candidate makes embeddings only');
    expect(candor).toMatchObject({ refused: expect.arrayContaining([expect.objectContaining({ rule: 'chat' })]) });
    // A route of both asks the one that can.
    const mixed = await gateway.post('/v1/chat/completions', { model: 'ask', messages });
    expect(mixed.headers.get('x-candor-served-by')).toBe('openai/gpt-4o');
  });

  test.each([
    ['tokens', 'gemini', { input: [[1], [2]] }, 'input', 'embedding_tokens'],
    ['more than 100 inputs', 'gemini', { input: Array.from({ length: 101 }, () => 'x') }, 'input', 'embedding_batch'],
    ['a length', 'old', { input: 'x', dimensions: 8 }, 'dimensions', 'embedding_dimensions'],
    ['a member nobody knows', 'gemini', { input: 'x', future: 1 }, 'future', 'unknown_fields'],
    ['a prompt of the config', 'briefed', { input: 'x' }, 'prompt', 'chat_only'],
    ['a parameter of the config', 'tuned', { input: 'x' }, 'params.temperature', 'chat_only'],
  ])('%s', async (_name, model, members, param, rule) => {
    const error = await expectRefused(await embed({ model, ...members }), 400, 'unsupported_parameter');
    expect(error).toMatchObject({ param, candor: { refused: [{ rule, need: param }] } });
  });

  test.each<[string, object, string, string]>([
    ['no input', {}, 'input', 'invalid_type'],
    ['an empty text', { input: '' }, 'input', 'param_out_of_range'],
    ['an empty list', { input: [] }, 'input', 'param_out_of_range'],
    ['an empty text among others', { input: ['a', ''] }, 'input[1]', 'param_out_of_range'],
    ['no tokens', { input: [[1], []] }, 'input[1]', 'param_out_of_range'],
    ['2049 inputs', { input: Array.from({ length: 2049 }, () => 'x') }, 'input', 'param_out_of_range'],
    ['a number that is no token', { input: [1.5] }, 'input', 'invalid_type'],
    ['texts and tokens in one', { input: [1, 'a'] }, 'input', 'invalid_type'],
    ['an object', { input: { text: 'a' } }, 'input', 'invalid_type'],
    ['no length', { input: 'a', dimensions: 0 }, 'dimensions', 'param_out_of_range'],
    ['a format', { input: 'a', encoding_format: 'int8' }, 'encoding_format', 'param_out_of_range'],
    ['a user that is no text', { input: 'a', user: 7 }, 'user', 'invalid_type'],
    ['an address', { input: 'a', base_url: 'https://elsewhere.example' }, 'base_url', 'forbidden_param'],
    [
      'a word of Candor that is not built',
      { input: 'a', candor: { data: 'x' } },
      'candor.data',
      'unsupported_parameter',
    ],
  ])('%s', async (_name, members, param, code) => {
    const error = await expectRefused(await embed({ model: 'small', ...members }), 400, code);
    expect(error.param).toBe(param);
    const record = await gateway.record(error.candor.id);
    expect(record).toMatchObject({ dialect: 'openai-embeddings', status: 'failed', http: 400 });
  });
});

test('2048 inputs, and tokens, are taken by OpenAI', async () => {
  const input = Array.from({ length: 2048 }, (_, index) => `text ${index}`);
  const many = await gateway.client.embeddings.create({ model: 'small', input, dimensions: 2 });
  expect(many.data).toHaveLength(2048);
  const tokens = (await gateway.client.embeddings.create({ model: 'small', input: [[1, 2], [3]] })) as Told;
  expect(tokens.usage.prompt_tokens).toBe(3);
});

test('a hint that the vendor does not take is dropped and reported', async () => {
  const asked = await gateway.client.embeddings.create({ model: 'gemini', input: 'x', user: 'u-1' });
  expect(provenanceSchema.parse((asked as Told).candor).adjustments).toEqual([
    { param: 'user', asked: 'u-1', sent: null, kind: 'dropped', reason: expect.any(String), at: 'google' },
  ]);
});

test('a dry run says who would make them, also of a request that was answered', async () => {
  const answered = await embed({ model: 'small', input: 'x' });
  const generation = answered.headers.get('x-request-id');
  const again = await (await gateway.post('/v1/candor/explain', { generation })).json();
  expect(again).toMatchObject({ object: 'explanation', plan: [{ deployment: 'openai/small' }] });
  const explanation = await (await embed({ model: 'search', input: 'x', candor: { dry_run: true } })).json();
  expect(explanation).toMatchObject({
    object: 'explanation',
    plan: [{ deployment: 'google/gemini' }],
    candidates: [{ verdict: 'excluded' }, { verdict: 'eligible' }, { verdict: 'excluded' }],
  });
});
