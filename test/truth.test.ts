import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { startKeyedGateway, type KeyedGateway, type ReadRecord } from './support/keyed-gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { eventStream, type Script } from './support/raw-upstream.ts';
import { expectRefused } from './support/refusal.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { anthropicStream, data, DONE, openAiChunk, openAiStream } from './support/upstream-streams.ts';
import { answer, anthropicMessage, BUSY, completion, json, USAGE } from './support/vendor-answers.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const JSON_TYPE = 'content-type: application/json';
const STREAM = openAiStream(['ein', 'zwei', 'drei']);
const ROUTES = [
  'chain: { try: [gpt-4o, claude-opus] }',
  'turned: { try: [claude-opus, gpt-4o] }',
  'twins: { try: [twin] }',
  'carried: { try: [gpt-4o, claude-opus], on_refusal: fallback }',
];

interface Answered {
  readonly id: string;
  readonly model: string;
  readonly usage: { readonly cost?: number | null } | null;
  readonly choices: readonly { readonly finish_reason: string }[];
  readonly candor: Omit<ReadRecord, 'attempts'> & { readonly attempts: readonly { readonly cost: number | null }[] };
}

let gateway: KeyedGateway;
beforeAll(async () => {
  gateway = await startKeyedGateway({ routes: ROUTES });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.closeCircuits());
beforeEach(() => {
  for (const upstream of Object.values(gateway.upstreams)) upstream.play(json(completion()));
  gateway.upstreams.anthropic.play(json(anthropicMessage()));
});

function ask(request: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return gateway.ask({ messages: MESSAGES, ...request }, headers);
}

function recordOf(response: Response): Promise<ReadRecord> {
  return gateway.record(response.headers.get('x-request-id') ?? '');
}

describe('who answered, and why', () => {
  test.each([
    ['a route', 'twins'],
    ['a named model', 'twin'],
  ])('another deployment of the same model is said to be one: %s', async (_name, model) => {
    gateway.upstreams.openai.play(BUSY);
    gateway.upstreams.backup.play(json(completion()));
    // They share its requests: some come to the one that fails.
    const asked: Response[] = [];
    while (asked.at(-1)?.headers.get('x-candor-fallback') !== '?1;reason=upstream_overloaded;same=model') {
      expect(asked.length).toBeLessThan(20);
      asked.push(await ask({ model }));
    }
    const response = asked.at(-1) as Response;
    const answered = (await response.json()) as Answered;
    expect(response.headers.get('x-candor-degraded')).toBeNull();
    expect(answered.candor).toMatchObject({
      served_by: 'backup/twin',
      fallback: { reason: 'upstream_overloaded', certificate: null },
      degraded: null,
    });
    const record = await recordOf(response);
    expect(record.attempts.map((attempt) => [attempt.deployment, attempt.why])).toEqual([
      ['openai/twin', 'primary'],
      ['backup/twin', 'fallback'],
    ]);
  });

  test('a fallback that breaks off later keeps the reason for which it was asked', async () => {
    gateway.upstreams.openai.play(BUSY);
    gateway.upstreams.anthropic.play(eventStream(anthropicStream(['ein', 'zwei']).events.slice(0, 4), 'cut'));
    const response = await ask({ model: 'chain', stream: true });
    expect(readStream(await response.text()).error?.code).toBe('upstream_truncated');
    expect(response.headers.get('x-candor-fallback')).toBe('?1;reason=upstream_overloaded');
    const record = await recordOf(response);
    expect(record.fallback).toEqual({ reason: 'upstream_overloaded', certificate: null });
    expect(record.attempts.map((attempt) => attempt.kind)).toEqual(['overloaded', 'truncated']);
    expect(record.why).toContain('it broke off with truncated');
  });

  test('a first choice that broke off is no fallback', async () => {
    gateway.upstreams.openai.play(eventStream(STREAM.events.slice(0, 3), 'cut'));
    const response = await ask({ model: 'chain', stream: true });
    await response.text();
    expect(response.headers.get('x-candor-fallback')).toBe('?0');
    expect((await recordOf(response)).fallback).toBeNull();
  });

  test('whoever was left out is named with the reason', async () => {
    const response = await ask({ model: 'turned', logprobs: true });
    const answered = (await response.json()) as Answered;
    expect(answered.candor.served_by).toBe('openai/gpt-4o');
    expect(answered.candor.why).toMatch(/anthropic\/claude-opus.*logprobs/);
    expect(answered.candor.fallback).toBeNull();
    // One that would have come later is no part of the story.
    const other = (await (await ask({ model: 'chain', logprobs: true })).json()) as Answered;
    expect(other.candor.why).not.toContain('claude-opus');
  });

  test('an answer that failed its check is said to have failed', async () => {
    gateway.upstreams.openai.play(json(completion({ text: 'not JSON' })));
    const response = await ask({ model: 'gpt-4o', response_format: { type: 'json_object' } });
    await expectRefused(response, 424, 'validation_failed');
    expect(response.headers.get('x-candor-validation')).toBe('failed');
    const record = await recordOf(response);
    expect(record.validation).toMatchObject({ status: 'failed', verdicts: [{ outcome: 'fail' }] });
    // It was paid for all the same.
    expect(record.cost).toBeGreaterThan(0);
  });

  test.each([
    [
      'a prompt that is too long',
      '400 No',
      { code: 'context_length_exceeded', message: 'x' },
      400,
      'context_length_exceeded',
    ],
    ['a request the vendor cannot take', '400 No', { message: 'x' }, 400, 'upstream_invalid_request'],
  ])('a fault of the request keeps its code after a fallback: %s', async (_name, status, error, http, code) => {
    gateway.upstreams.anthropic.play(
      answer('529 Busy', [JSON_TYPE], '{"type":"error","error":{"type":"overloaded_error"}}'),
    );
    gateway.upstreams.openai.play(answer(status, [JSON_TYPE], JSON.stringify({ error })));
    await expectRefused(await ask({ model: 'turned' }), http, code);
  });

  test('a deadline keeps its code after a fallback', async () => {
    const clock = new ManualClock();
    const slow = await startKeyedGateway({ routes: ROUTES, clock });
    try {
      slow.upstreams.openai.play(BUSY);
      slow.upstreams.anthropic.play(() => undefined);
      const came = slow.upstreams.anthropic.nextRequest();
      const asked = slow.ask({ model: 'chain', messages: MESSAGES }, { 'x-candor-timeout-ms': '1000' });
      await came;
      await expectRefused(await clock.passUntil(asked, 2000), 504, 'deadline_exceeded');
    } finally {
      await slow.close();
    }
  });
});

describe('a refusal that the route carries on', () => {
  const REFUSED = completion({ text: '', finish: 'content_filter' });
  const REFUSED_BY_ANTHROPIC = anthropicMessage({ text: '', finish: 'refusal' });

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('is answered by the next, priced and marked: %s', async (_name, stream) => {
    gateway.upstreams.openai.play(
      stream
        ? eventStream(
            [openAiChunk({ content: 'No' }), openAiChunk({}, 'content_filter'), ...STREAM.events.slice(-2)],
            'clean',
          )
        : json(REFUSED),
    );
    if (stream) gateway.upstreams.anthropic.play(eventStream(anthropicStream(['Yes']).events, 'clean'));
    const response = await ask({ model: 'carried', stream });
    const text = await response.text();
    expect(response.headers.get('x-candor-fallback')).toBe('?1;reason=content_filter');
    expect(response.headers.get('x-candor-degraded')).toBe('?1;reason=uncertified');
    expect(text).not.toContain('"No"');
    if (stream) expect(flawsOfCompleteStream(text)).toEqual([]);
    const record = await recordOf(response);
    expect(record).toMatchObject({
      status: 'complete',
      served_by: 'anthropic/claude-opus',
      fallback: { reason: 'content_filter' },
      degraded: { reason: 'uncertified' },
      attempts: [{ kind: 'content_filter', finish: 'content_filter' }, { kind: 'ok' }],
    });
    const [refused, served] = record.attempts;
    expect(refused?.cost).toBeCloseTo((5 * 2.5 + 6 * 10) / 1e6, 12);
    expect(served?.cost).toBeCloseTo((5 * 5 + 6 * 25) / 1e6, 12);
    expect(record.cost).toBeCloseTo((refused?.cost ?? 0) + (served?.cost ?? 0), 12);
  });

  test('is one, too, where the model streams it as words of its own', async () => {
    const refusing = [openAiChunk({ refusal: 'I will not.' }), openAiChunk({}, 'stop'), ...STREAM.events.slice(-2)];
    gateway.upstreams.openai.play(eventStream(refusing, 'clean'));
    gateway.upstreams.anthropic.play(eventStream(anthropicStream(['Yes']).events, 'clean'));
    const text = await (await ask({ model: 'carried', stream: true })).text();
    expect(text).toContain('Yes');
    expect(text).not.toContain('I will not.');
  });

  test('is delivered when nobody is left', async () => {
    gateway.upstreams.openai.play(json(REFUSED));
    gateway.upstreams.anthropic.play(json(REFUSED_BY_ANTHROPIC));
    const response = await ask({ model: 'carried' });
    const answered = (await response.json()) as Answered;
    expect(response.status).toBe(200);
    expect(answered.choices[0]?.finish_reason).toBe('content_filter');
    expect(answered.candor).toMatchObject({
      served_by: 'anthropic/claude-opus',
      fallback: { reason: 'content_filter' },
    });
    expect(answered.candor.attempts.map(({ cost }) => typeof cost)).toEqual(['number', 'number']);
  });

  test('is an answer where the route says nothing', async () => {
    gateway.upstreams.openai.play(json(REFUSED));
    const before = gateway.upstreams.anthropic.requests.length;
    const answered = (await (await ask({ model: 'chain' })).json()) as Answered;
    expect(answered.choices[0]?.finish_reason).toBe('content_filter');
    expect(gateway.upstreams.anthropic.requests.length).toBe(before);
  });
});

describe('a cost that nobody knows', () => {
  async function expectUnknownCost(response: Response): Promise<void> {
    const text = await response.text();
    const record = await recordOf(response);
    expect(record.cost).toBeNull();
    expect(new Set(record.attempts.map((attempt) => attempt.cost))).toEqual(new Set([null]));
    // Of a stream the header leaves before the cost can be known.
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    expect(response.headers.get('x-candor-cost-usd')).toBe(isStream ? 'pending' : 'null');
    expect(text).not.toMatch(/"cost":[0-9]/);
  }

  test('the control: an answer of known counts has one', async () => {
    const response = await ask({ model: 'gpt-4o' });
    expect(((await response.json()) as Answered).usage?.cost).toBeCloseTo(0.0000725, 12);
    expect(response.headers.get('x-candor-cost-usd')).toBe('0.0000725');
  });

  const zero = completion({ members: { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } } });
  const cases: readonly (readonly [string, JsonObject, Script])[] = [
    ['an answer that came compressed', {}, answer('200 OK', [JSON_TYPE, 'content-encoding: gzip'], 'x')],
    ['HTTP 201', {}, answer('201 Created', [JSON_TYPE], JSON.stringify(completion()))],
    ['HTTP 201 with an error', {}, answer('201 Created', [JSON_TYPE], '{"error":{"code":"rate_limit_exceeded"}}')],
    ['a service tier', { service_tier: 'flex' }, json(completion())],
    ['a search', { web_search_options: {} }, json(completion())],
    ['counts of zero for an answer', {}, json(zero)],
    [
      'counts that contradict each other',
      {},
      json(completion({ members: { usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 9 } } } })),
    ],
  ];
  test.each(cases)('%s', async (_name, request, script) => {
    gateway.upstreams.openai.play(script);
    await expectUnknownCost(await ask({ model: 'gpt-4o', ...request }));
  });

  test.each(['auto', 'default'])('the service tier %s is the one of the list', async (tier) => {
    expect((await ask({ model: 'gpt-4o', service_tier: tier })).headers.get('x-candor-cost-usd')).toBe('0.0000725');
  });

  test('a stream of Anthropic that is cut after its first counts', async () => {
    gateway.upstreams.anthropic.play(eventStream(anthropicStream(['ein', 'zwei']).events.slice(0, 5), 'cut'));
    const response = await ask({ model: 'claude-opus', stream: true });
    await expectUnknownCost(response);
    // What had been counted until then is not what was used: that is estimated, and said to be so.
    expect((await recordOf(response)).attempts[0]?.usage).toMatchObject({ source: 'estimated' });
  });

  test('a deadline of the client while the vendor works', async () => {
    const clock = new ManualClock();
    const slow = await startKeyedGateway({ clock });
    try {
      slow.upstreams.openai.play(() => undefined);
      const came = slow.upstreams.openai.nextRequest();
      const asked = slow.ask({ model: 'gpt-4o', messages: MESSAGES }, { 'x-candor-timeout-ms': '1000' });
      await came;
      const response = await clock.passUntil(asked, 2000);
      await expectRefused(response, 504, 'deadline_exceeded');
      expect(response.headers.get('x-candor-cost-usd')).toBe('null');
      const record = await slow.record(response.headers.get('x-request-id') ?? '');
      expect(record).toMatchObject({ cost: null, attempts: [{ cost: null, possibly_billed: true }] });
    } finally {
      await slow.close();
    }
  });

  test('one that is known stands as a plain decimal, however small', async () => {
    gateway.upstreams.openai.play(
      json(completion({ members: { usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1 } } })),
    );
    const response = await ask({ model: 'gpt-4o-mini' });
    expect(((await response.json()) as Answered).usage?.cost).toBe(5e-8);
    expect(response.headers.get('x-candor-cost-usd')).toBe('0.00000005');
  });
});

describe('usage that the vendor does not give', () => {
  const NONSENSE: readonly (readonly [string, JsonObject])[] = [
    ['missing', {}],
    ['null', { usage: null }],
    ['of texts', { usage: { prompt_tokens: 'five', completion_tokens: 'six', total_tokens: 'eleven' } }],
    ['negative', { usage: { prompt_tokens: -5, completion_tokens: 6, total_tokens: 1 } }],
    ['a list', { usage: [5, 6] }],
    ['half of it', { usage: { completion_tokens: 6 } }],
    ['no object', { usage: 11 }],
  ];

  test.each(NONSENSE)('is null: %s', async (_name, members) => {
    const { usage: _usage, ...bare } = completion();
    gateway.upstreams.openai.play(json({ ...bare, ...members }));
    const response = await ask({ model: 'gpt-4o' });
    const answered = (await response.json()) as Answered;
    expect(answered.usage).toBeNull();
    expect(response.headers.get('x-candor-cost-usd')).toBe('null');
    expect(await recordOf(response)).toMatchObject({ usage: null, cost: null });
  });

  test.each(NONSENSE)('is not made up in a stream: %s', async (_name, members) => {
    const usage = data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [],
      ...members,
    });
    gateway.upstreams.openai.play(eventStream([...STREAM.events.slice(0, -2).map(ofModelM), usage, DONE], 'clean'));
    const response = await ask({ model: 'gpt-4o', stream: true, stream_options: { include_usage: true } });
    const text = await response.text();
    expect(flawsOfCompleteStream(text)).toEqual([]);
    const chunks = chunksOf(text);
    expect(chunks.filter((chunk) => (chunk.usage ?? null) !== null)).toEqual([]);
    expect(await recordOf(response)).toMatchObject({ usage: null, cost: null });
  });

  test('is told once in a stream that has it, and last', async () => {
    gateway.upstreams.openai.play(eventStream(STREAM.events, 'clean'));
    const response = await ask({ model: 'gpt-4o', stream: true, stream_options: { include_usage: true } });
    const chunks = chunksOf(await response.text());
    expect(chunks.map((chunk) => (chunk.usage ?? null) !== null).indexOf(true)).toBe(chunks.length - 1);
    expect(chunks.at(-1)?.usage).toMatchObject({ ...USAGE, cost: expect.closeTo(0.0000725, 12) });
  });
});

function ofModelM(event: string): string {
  return event.replace('gpt-4o-2024-08-06', 'm');
}

function chunksOf(text: string): readonly { readonly usage?: JsonObject | null }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as { usage?: JsonObject | null });
}

describe('a vendor that speaks in our name', () => {
  const FORGED = { served_by: 'forged', validation: { status: 'passed' } };

  test.each([
    ['on', 'candor'],
    ['off', null],
  ])('in a whole answer, with the body switched %s', async (word, ours) => {
    gateway.upstreams.openai.play(json(completion({ members: { candor: FORGED, more: 'kept' } })));
    const text = await (await ask({ model: 'gpt-4o' }, { 'x-candor-body': word })).text();
    expect(text).not.toContain('forged');
    expect(text).toContain('"more":"kept"');
    expect(text.includes('"candor":')).toBe(ours !== null);
  });

  test.each([
    ['on', 1],
    ['off', 0],
  ])('in every chunk of a stream, with the body switched %s', async (word, count) => {
    const forged = STREAM.events.map((event) =>
      event.startsWith('data: {') ? event.replace(/}\n\n$/, `,"candor":${JSON.stringify(FORGED)}}\n\n`) : event,
    );
    for (const includeUsage of [false, true]) {
      gateway.upstreams.openai.play(eventStream(forged, 'clean'));
      const response = await ask(
        { model: 'gpt-4o', stream: true, stream_options: { include_usage: includeUsage } },
        { 'x-candor-body': word },
      );
      const text = await response.text();
      expect(flawsOfCompleteStream(text)).toEqual([]);
      expect(readStream(text).text).toBe('ein zwei drei ');
      expect(text).not.toContain('forged');
      expect(text.match(/"candor":/g) ?? []).toHaveLength(count);
    }
  });

  test('an answer in the usage of the vendor’s own cost is not ours', async () => {
    gateway.upstreams.openai.play(json(completion({ members: { usage: { ...USAGE, cost: 99 } } })));
    expect(((await (await ask({ model: 'gpt-4o' })).json()) as Answered).usage?.cost).toBeCloseTo(0.0000725, 12);
  });
});

describe('what people wrote', () => {
  const long = (name: string): string => `${name} ${'lies apart from the ledger and can be erased, '.repeat(3)}`;
  const SHORT = ['FEW WORDS AHEAD', 'FEW WORDS THOUGHT'];
  const TEXTS = ['QUESTION', 'PREDICTION', 'FORMAT', 'REASONING', 'REFUSAL', 'SCHEMA', 'TOOL', 'UNKNOWN', 'ANSWER'];

  /** Files of the ledger in which a text stands in clear. */
  function standsIn(texts: readonly string[]): readonly string[] {
    const found: string[] = [];
    for (const [path, bytes] of gateway.files()) {
      for (const text of texts) if (bytes.includes(text)) found.push(`${text} in ${path}`);
    }
    return found;
  }

  async function askWithContent(): Promise<ReadRecord> {
    gateway.upstreams.openai.play(BUSY);
    gateway.upstreams.anthropic.play(json(anthropicMessage({ text: JSON.stringify({ city: long('ANSWER') }) })));
    // One that the fallback takes as it is, but for the description beside the schema's own.
    const schema = {
      type: 'object',
      description: long('SCHEMA'),
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const response = await ask({
      model: 'chain',
      messages: [
        { role: 'user', content: long('QUESTION') },
        { role: 'assistant', content: 'x', refusal: long('REFUSAL'), reasoning_content: long('REASONING') },
        { role: 'assistant', content: 'x', reasoning_content: 'FEW WORDS THOUGHT' },
        { role: 'user', content: 'And?' },
      ],
      prediction: { type: 'content', content: long('PREDICTION') },
      response_format: { type: 'json_schema', json_schema: { name: 'map', description: long('FORMAT'), schema } },
    });
    expect(response.status).toBe(200);
    return recordOf(response);
  }

  test('is neither in the journal nor in the store, and still in the record', async () => {
    const record = await askWithContent();
    const predicted = await ask({ model: 'chain', prediction: { type: 'content', content: 'FEW WORDS AHEAD' } });
    const tools = [
      { type: 'function', function: { name: 'f', description: long('TOOL'), parameters: { type: 'object' } } },
    ];
    const plain = await ask({ model: 'gpt-4o-mini', tools });
    const unknown = await ask({ model: 'gpt-4o-mini', notes: long('UNKNOWN') });
    await vi.waitFor(() => expect([...gateway.files().values()].some((file) => file.includes(record.id))).toBe(true));
    const bodies = [record, await recordOf(predicted), await recordOf(plain), await recordOf(unknown)].map((kept) =>
      JSON.stringify([kept.request.body, kept.attempts.map(({ sent, received }) => [sent.body, received.body])]),
    );
    for (const text of [...TEXTS, ...SHORT]) expect(bodies.join()).toContain(text);
    expect(standsIn([...TEXTS, ...SHORT])).toEqual([]);
    // What was changed is said all the same.
    const changed = record.attempts[1]?.adjustments.map(({ param }) => param);
    expect(changed).toEqual(expect.arrayContaining(['prediction', 'response_format.json_schema.description']));
  });

  test('is nowhere in the files when the gateway has ended', async () => {
    const ended = await startKeyedGateway({ routes: ROUTES });
    const before = gateway;
    gateway = ended;
    try {
      const record = await askWithContent();
      await ended.stop();
      const files = [...ended.files()].filter(([, bytes]) => bytes.includes(record.id)).map(([path]) => path);
      expect(files.some((path) => path.startsWith('store.db'))).toBe(true);
      expect(standsIn(TEXTS)).toEqual([]);
    } finally {
      gateway = before;
      await ended.close();
    }
  });
});

describe('a request that cannot be meant', () => {
  test('a name that is longer than any name is refused, with headers that can be read', async () => {
    const response = await ask({ model: 'm'.repeat(20_000) });
    expect((await expectRefused(response, 400, 'param_out_of_range')).param).toBe('model');
    const sizes = [...response.headers].map(([name, value]) => name.length + value.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4096);
  });

  test.each([
    ['key=abc', 'key'],
    ['stream', 'stream'],
    ['api-version=1&x=2', 'api-version'],
  ])('a query is refused by name: %s', async (query, name) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES }),
    });
    expect((await expectRefused(response, 400, 'unsupported_parameter')).param).toBe(name);
  });

  test.each([
    ['a trace context that is none', { traceparent: 'abc' }, 'traceparent'],
    ['a trace context with a tail', { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-x` }, 'traceparent'],
    ['two faults for one target', { 'x-candor-sim': 'openai=503, openai=429' }, 'x-candor-sim'],
  ])('%s', async (_name, headers, param) => {
    const before = gateway.upstreams.openai.requests.length;
    const error = await expectRefused(await ask({ model: 'gpt-4o' }, headers), 400, 'invalid_request');
    expect(error.param).toBe(param);
    expect(gateway.upstreams.openai.requests.length).toBe(before);
  });

  test('two tool calls of one id', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const messages = [
      ...MESSAGES,
      { role: 'assistant', tool_calls: [call, call] },
      { role: 'tool', tool_call_id: 'call_1', content: '1' },
    ];
    const error = await expectRefused(await ask({ model: 'gpt-4o', messages }), 400, 'invalid_messages');
    expect(error.param).toBe('messages[1].tool_calls');
  });
});
