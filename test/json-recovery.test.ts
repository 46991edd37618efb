import { createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { startKeyedGateway, type KeyedGateway, type ReadRecord } from './support/keyed-gateway.ts';
import { body, eventStream } from './support/raw-upstream.ts';
import { expectRefused } from './support/refusal.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { anthropicStream, openAiStream } from './support/upstream-streams.ts';
import { anthropicMessage, completion, json } from './support/vendor-answers.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
};
const FORMAT: JsonObject = { type: 'json_schema', json_schema: { name: 'person', schema: SCHEMA } };
const OWN = `json_schema: ${JSON.stringify(SCHEMA)}`;
const ROUTES = [
  'chain: { try: [gpt-4o, claude-opus] }',
  'strict: { try: [gpt-4o, claude-opus], invalid: [next, fail] }',
  `held: { try: [gpt-4o, claude-opus], validate: [{ ${OWN} }] }`,
  `claude-held: { try: [claude-opus], validate: [{ ${OWN} }] }`,
];
const FENCED = '```json\n{"name": "x"}\n```';

interface Answered {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly candor: ReadRecord;
}

let gateway: KeyedGateway;
beforeAll(async () => {
  gateway = await startKeyedGateway({ routes: ROUTES });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.upstreams.anthropic.play(json(anthropicMessage({ text: '{"name": "from Claude"}' })));
});

function ask(request: JsonObject): Promise<Response> {
  return gateway.ask({ messages: [{ role: 'user', content: 'As JSON, please' }], ...request });
}

function recordOf(response: Response): Promise<ReadRecord> {
  return gateway.record(response.headers.get('x-request-id') ?? '');
}

describe('a whole answer', () => {
  test.each<[string, string, string, number, string]>([
    ['fence', FENCED, '{"name": "x"}', 1, 'repaired:extracted'],
    ['raw line break', '{"name": "x\ny"}', String.raw`{"name": "x\ny"}`, 2, 'repaired:lossless'],
    ['trailing comma', '{"name": "x",}', '{"name": "x"}', 3, 'repaired:lossy'],
  ])('with a %s is handed over as the JSON in it, and says so', async (_name, text, expected, level, mark) => {
    const sent = JSON.stringify(completion({ text, members: { system_fingerprint: 'fp_1' } }));
    gateway.upstreams.openai.play(body(sent));
    const response = await ask({ model: 'gpt-4o', response_format: FORMAT });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-candor-validation')).toBe('repaired');
    expect(response.headers.get('x-candor-degraded')).toBeNull();
    const { choices, candor } = (await response.json()) as Answered;
    expect(choices[0]?.message.content).toBe(expected);
    expect(candor.validation).toEqual({
      status: 'repaired',
      verdicts: [{ validator: 'json_schema', outcome: 'pass', reason: null }],
    });
    expect(candor.confidence).toEqual({ value: null, status: 'unknown', signals: { parse_level: level } });
    // What the vendor wrote is kept beside it.
    const record = await recordOf(response);
    expect(record.attempts[0]?.flags).toContain(mark);
    expect(record.attempts[0]?.received).toEqual({ body: sent, sha256: sha256(sent) });
  });

  test('that is JSON has nothing done to it', async () => {
    gateway.upstreams.openai.play(json(completion({ text: ' {"name":"x"}\n' })));
    const response = await ask({ model: 'gpt-4o', response_format: FORMAT });
    const { choices, candor } = (await response.json()) as Answered;
    expect(choices[0]?.message.content).toBe(' {"name":"x"}\n');
    expect(candor.validation.status).toBe('passed');
    expect(candor.confidence.signals).toEqual({ parse_level: 0 });
  });

  test('keeps every other byte of a vendor that speaks the client’s protocol', async () => {
    const vendors = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o","big":12345678901234567890,
      "choices":[{"index":0,"message":{"role":"assistant","content":${JSON.stringify(FENCED)},"annotations":[]},"finish_reason":"stop"}],
      "usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}`;
    gateway.upstreams.openai.play(body(vendors));
    const response = await ask({ model: 'gpt-4o', response_format: FORMAT });
    const text = await response.text();
    expect(text).toContain('"big":12345678901234567890,\n');
    expect(text).toContain(`"content":${JSON.stringify('{"name": "x"}')},"annotations":[]},"finish_reason":"stop"`);
    expect(text).not.toContain('```');
  });

  test('of another protocol, in several pieces, is recovered too', async () => {
    const content = ['Here it is: {"name":', ' "x",}'].map((text) => ({ type: 'text', text }));
    gateway.upstreams.anthropic.play(json(anthropicMessage({ members: { content } })));
    const response = await ask({ model: 'claude-opus', response_format: { type: 'json_object' } });
    const { choices, candor } = (await response.json()) as Answered;
    expect(choices[0]?.message.content).toBe('{"name": "x"}');
    expect(candor.confidence.signals).toEqual({ parse_level: 3 });
  });

  test.each([
    ['two values', '{"name": "x"}\n{"name": "y"}'],
    ['an end that is missing', '{"name": "x"'],
    ['nothing', 'I cannot do that.'],
    ['a value that the schema does not accept', '```json\n{"title": "x"}\n```'],
  ])('with %s is not handed over: another model is asked', async (_name, text) => {
    gateway.upstreams.openai.play(json(completion({ text })));
    const response = await ask({ model: 'chain', response_format: FORMAT });
    const { choices, candor } = (await response.json()) as Answered;
    expect(choices[0]?.message.content).toBe('{"name": "from Claude"}');
    expect(candor.fallback?.reason).toBe('validation_failed');
    await expectRefused(await ask({ model: 'gpt-4o', response_format: FORMAT }), 424, 'validation_failed');
  });

  test('is not repaired where the route’s `invalid` does not say so', async () => {
    gateway.upstreams.openai.play(json(completion({ text: FENCED })));
    const response = await ask({ model: 'strict', response_format: FORMAT });
    const { candor } = (await response.json()) as Answered;
    expect(candor.served_by).toBe('anthropic/claude-opus');
    const [first] = (await recordOf(response)).attempts;
    expect(first?.validation.verdicts[0]?.reason).toBe('the answer is not JSON: it would have to be repaired');
    expect(first?.flags).toContain('recoverable:extracted');
  });

  test('to a client that asked for no JSON stays as it is', async () => {
    gateway.upstreams.openai.play(json(completion({ text: FENCED })));
    const { choices, candor } = (await (await ask({ model: 'gpt-4o' })).json()) as Answered;
    expect(choices[0]?.message.content).toBe(FENCED);
    expect(candor.validation.status).toBe('none');
    expect(candor.confidence.signals).toEqual({});
  });

  test('follows a route’s own schema as it does the client’s format', async () => {
    gateway.upstreams.openai.play(json(completion({ text: FENCED })));
    const { choices, candor } = (await (await ask({ model: 'held' })).json()) as Answered;
    expect(choices[0]?.message.content).toBe('{"name": "x"}');
    expect(candor.validation.status).toBe('repaired');
  });
});

describe('a stream', () => {
  const words = ['```json\n{"name":', '"x"}', '\n```'];

  test.each([
    ['the client’s protocol', 'held', 'openai', openAiStream(words)],
    ['another protocol', 'claude-held', 'anthropic', anthropicStream(words)],
  ] as const)('that is held gives the JSON in place of its text: %s', async (_name, model, vendor, stream) => {
    gateway.upstreams[vendor].play(eventStream(stream.events, 'clean'));
    const response = await ask({ model, stream: true, stream_options: { include_usage: true } });
    const text = await response.text();
    const read = readStream(text);
    expect(flawsOfCompleteStream(text)).toEqual([]);
    expect(read.text).toBe('{"name": "x"}');
    expect(read.finishReasons).toEqual(['stop']);
    expect(read.candor).toMatchObject({
      validation: { status: 'repaired' },
      confidence: { signals: { parse_level: 1 } },
    });
    expect(text).toContain('"completion_tokens":6');
    expect((await recordOf(response)).attempts[0]?.received.body).toContain('```');
  });

  test('that flows is only judged', async () => {
    gateway.upstreams.openai.play(eventStream(openAiStream(words).events, 'clean'));
    const response = await ask({ model: 'gpt-4o', stream: true, response_format: { type: 'json_object' } });
    const read = readStream(await response.text());
    expect(read.text).toContain('```json');
    expect(read.error?.code).toBe('validation_failed');
    const record = await recordOf(response);
    expect(record).toMatchObject({ validation: { status: 'failed' }, confidence: { signals: { parse_level: 1 } } });
    expect(record.attempts[0]?.flags).toContain('recoverable:extracted');
  });

  test('that flows and has a schema does not begin with what would have to be repaired', async () => {
    gateway.upstreams.openai.play(eventStream(openAiStream(words).events, 'clean'));
    const response = await ask({ model: 'gpt-4o', stream: true, response_format: FORMAT });
    const { message } = await expectRefused(response, 424, 'validation_failed');
    expect(message).toContain('from here on the answer is not JSON (text:0)');
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
