import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../src/core/json.ts';
import { messageEvents, messageShape } from './support/message-events.ts';
import { eventStream } from './support/raw-upstream.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { anthropicStream, deepSeekStream, geminiChunk, MESSAGE_START, named } from './support/upstream-streams.ts';
import { anthropicMessage, completion, json } from './support/vendor-answers.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  opus-5-5: { at: anthropic, id: claude-opus-5-5 }
  haiku: { at: anthropic, id: claude-haiku-4-5 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }
routes:
  held: { try: [gpt-4o], stream: hold }
  capped: { try: [claude-opus], params: { max_tokens: { max: 50 } } }
`;
const ASK = { max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const VERSION = { 'anthropic-version': '2026-10-21' };

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench({ config: CONFIG });
});
afterAll(() => bench.close());

function ask(body: JsonObject | string, headers: Readonly<Record<string, string>> = VERSION): Promise<Response> {
  return bench.gateway.post('/v1/messages', typeof body === 'string' ? body : { ...ASK, ...body }, headers);
}

async function askJson(body: JsonObject, headers?: Readonly<Record<string, string>>): Promise<JsonObject> {
  return (await (await ask(body, headers)).json()) as JsonObject;
}

async function askStream(body: JsonObject): Promise<readonly JsonObject[]> {
  const response = await ask({ ...body, stream: true });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  return messageEvents(await response.text());
}

function lastSent(provider: string): JsonObject {
  return JSON.parse(bench.upstreams[provider]?.requests.at(-1)?.body ?? 'null') as JsonObject;
}

interface Told {
  readonly served_by: string;
  readonly adjustments: readonly { readonly param: string; readonly kind: string; readonly sent: JsonValue }[];
}

describe('asked of the vendor of the protocol', () => {
  test('the client’s bytes go out, and the vendor’s come back, but for the model and the id', async () => {
    const answered = anthropicMessage({ members: { usage: { input_tokens: 5, output_tokens: 6, novelty: 1 } } });
    bench.upstreams['anthropic']?.play(json(answered));
    const asked = `{ "model":"claude-opus","max_tokens": 100, "container": "c_1","messages":[{"role":"user","content":[{"type":"text","text":"\\u0048i","cache_control":{"type":"ephemeral","ttl":"1h"}}]}], "novelty":1.0 }`;
    const response = await ask(asked, { ...VERSION, 'anthropic-beta': 'novelty-2026-11-01' });
    const request = bench.upstreams['anthropic']?.requests.at(-1);
    expect(request?.body).toBe(asked.replace('claude-opus', 'claude-opus-4-8'));
    expect(request?.head).toMatch(/^POST \/v1\/messages HTTP/);
    expect(request?.head).toContain('anthropic-version: 2026-10-21');
    expect(request?.head).toContain('anthropic-beta: novelty-2026-11-01');
    const { candor, ...rest } = (await response.json()) as JsonObject;
    expect(rest).toEqual({ ...answered, id: response.headers.get('x-request-id') });
    expect(candor).toMatchObject({ served_by: 'anthropic/claude-opus', adjustments: [] });
    expect(response.headers.get('request-id')).toBe(rest['id']);
  });

  test('its plain shape comes where the client wants nothing else', async () => {
    bench.upstreams['anthropic']?.play(json(anthropicMessage()));
    expect(await askJson({ model: 'claude-opus' }, { 'x-candor-body': 'off' })).not.toHaveProperty('candor');
  });

  test('under the vendor’s own prefix, and with what its beta client puts in the query', async () => {
    bench.upstreams['anthropic']?.play(json(anthropicMessage()));
    for (const path of ['/anthropic/v1/messages', '/v1/messages?beta=true']) {
      expect((await bench.gateway.post(path, { model: 'claude-opus', ...ASK })).status).toBe(200);
    }
  });

  test('a stream passes event by event, and says who served it where it says why it ends', async () => {
    const { events } = anthropicStream(['Hello', 'to', 'you.']);
    bench.upstreams['anthropic']?.play(eventStream(events, 'clean'));
    const received = await askStream({ model: 'claude-opus' });
    const [sentStart, ...sentRest] = messageEvents(events.join(''));
    const [start, ...rest] = received;
    const id: unknown = expect.stringMatching(/^gen_/);
    expect(start).toEqual({ ...sentStart, message: { ...(sentStart?.['message'] as JsonObject | undefined), id } });
    expect(rest.map(({ candor: _candor, ...event }) => event)).toEqual(sentRest);
    expect(rest.at(-2)).toMatchObject({ type: 'message_delta', candor: { served_by: 'anthropic/claude-opus' } });
  });

  test('what the config caps is changed in the bytes, under the client’s own name for it', async () => {
    bench.upstreams['anthropic']?.play(json(anthropicMessage()));
    const { candor } = await askJson({ model: 'capped', temperature: 0.2 });
    expect(lastSent('anthropic')).toEqual({ ...ASK, model: 'claude-opus-4-8', max_tokens: 50 });
    expect((candor as unknown as Told).adjustments.map(({ param, kind, sent }) => [param, kind, sent])).toEqual([
      ['max_tokens', 'capped', 50],
      ['temperature', 'dropped', null],
    ]);
  });
});

describe('how a model of the vendor may think is fitted to it, in the client’s own words', () => {
  test.each<[string, JsonObject, JsonObject, readonly string[]]>([
    [
      'claude-opus',
      { thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' } },
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'medium' } },
      ['rewritten thinking.budget_tokens'],
    ],
    [
      'opus-5-5',
      { thinking: { type: 'disabled' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      ['rewritten thinking.type'],
    ],
    [
      'haiku',
      { max_tokens: 4000, thinking: { type: 'adaptive' } },
      { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } },
      ['rewritten thinking.type', 'clamped thinking.type'],
    ],
    [
      'haiku',
      { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 9000 } },
      { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } },
      ['clamped thinking.budget_tokens'],
    ],
    ['claude-opus', { thinking: { type: 'disabled' } }, { thinking: { type: 'disabled' } }, []],
    ['claude-opus', { thinking: { type: 'adaptive' } }, { thinking: { type: 'adaptive' } }, []],
  ])('%s: %j', async (model, asked, sent, changes) => {
    bench.upstreams['anthropic']?.play(json(anthropicMessage()));
    const { candor } = await askJson({ model, ...asked });
    const { model: _model, ...body } = lastSent('anthropic');
    expect(body).toEqual({ ...ASK, ...sent });
    const told = (candor as unknown as Told).adjustments.map(({ param, kind }) => `${kind} ${param}`);
    expect(told).toEqual(changes);
  });
});

describe('asked of other vendors', () => {
  test('a whole answer', async () => {
    bench.upstreams['openai']?.play(json(completion()));
    const answer = await askJson({ model: 'gpt-4o', system: 'Be brief.', stop_sequences: ['END'] });
    expect(answer).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'gpt-4o-2024-08-06',
      content: [{ type: 'text', text: 'Hello to you.', citations: null }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 6 },
      candor: { served_by: 'openai/gpt-4o' },
    });
    expect(lastSent('openai')).toMatchObject({
      model: 'gpt-4o',
      max_tokens: 100,
      stop: ['END'],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    });
  });

  test('a stream with reasoning, which goes back to who takes it', async () => {
    bench.upstreams['deepseek']?.play(eventStream(deepSeekStream(['Hello']).events, 'clean'));
    const events = await askStream({ model: 'deepseek-chat' });
    expect(messageShape(events)).toEqual([
      'message_start',
      [0, { type: 'thinking', thinking: '', signature: '' }],
      [0, { type: 'thinking_delta', thinking: 'Thinking.' }],
      [0, { type: 'signature_delta', signature: 'candor:e30' }],
      [0, 'stop'],
      [1, { type: 'text', text: '', citations: null }],
      [1, { type: 'text_delta', text: 'Hello ' }],
      [1, 'stop'],
      'message_delta',
      'message_stop',
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6 } });
    const turn = {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Thinking.', signature: 'candor:e30' },
        { type: 'text', text: 'Hello ' },
      ],
    };
    await ask({ model: 'deepseek-chat', messages: [...ASK.messages, turn, { role: 'user', content: 'Go on' }] });
    expect(JSON.stringify(lastSent('deepseek')['messages'])).toContain('"reasoning_content":"Thinking."');
  });

  test('a tool call and its result, with the signature that the vendor wants back', async () => {
    const call = { functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2lnbmVk' };
    bench.upstreams['google']?.play(eventStream([geminiChunk([call], 'STOP')], 'clean'));
    const tools = [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];
    const received = await askStream({ model: 'gemini-flash', tools });
    const blocks = received.filter(({ type }) => type === 'content_block_start').map((event) => event['content_block']);
    expect(blocks).toMatchObject([{ type: 'tool_use', name: 'weather' }, { type: 'thinking' }]);
    const deltas = received.flatMap((event) => (event['type'] === 'content_block_delta' ? [event['delta']] : []));
    const signature = (deltas.at(-1) as { signature: string }).signature;
    const use = { ...(blocks[0] as JsonObject), input: { city: 'Oslo' } };
    const result = { type: 'tool_result', tool_use_id: use['id' as keyof typeof use], content: 'rain' };
    const turns = [
      ...ASK.messages,
      { role: 'assistant', content: [use, { type: 'thinking', thinking: '', signature }] },
      { role: 'user', content: [result as unknown as JsonObject] },
    ];
    await ask({ model: 'gemini-flash', tools, messages: turns });
    expect(lastSent('google')).toMatchObject({ contents: [{}, { parts: [call] }, {}] });

    // The same history at another vendor's: the signature is left out, and said to be.
    bench.upstreams['openai']?.play(json(completion()));
    const { candor } = await askJson({ model: 'gpt-4o', tools, messages: turns });
    expect((candor as unknown as Told).adjustments.map(({ param, kind }) => [param, kind])).toEqual([
      ['messages[1].content[1].signature', 'dropped'],
    ]);
    expect(bench.upstreams['openai']?.requests.at(-1)?.body).not.toContain('c2lnbmVk');
  });

  test('what only this protocol can say is refused by its name', async () => {
    const response = await ask({ model: 'gpt-4o', container: 'c_1' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', code: 'unsupported_parameter', param: 'container' },
      request_id: response.headers.get('x-request-id'),
    });
  });
});

describe('errors are of the protocol', () => {
  test.each<[string, string, JsonObject | string, number, string]>([
    ['no such model', '/v1/messages', { ...ASK, model: 'nobody' }, 404, 'not_found_error'],
    ['no JSON', '/v1/messages', '{', 400, 'invalid_request_error'],
    ['nothing at the path', '/anthropic/v1/complete', {}, 404, 'not_found_error'],
    ['another query', '/v1/messages?stream=true', { ...ASK, model: 'gpt-4o' }, 400, 'invalid_request_error'],
  ])('%s', async (_name, path, body, status, type) => {
    const response = await bench.gateway.post(path, body);
    expect(response.status).toBe(status);
    const error = (await response.json()) as JsonObject;
    expect(error).toMatchObject({ type: 'error', error: { type, message: expect.stringMatching(/\w/), candor: {} } });
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test('of a stream that breaks too, which then has no end', async () => {
    const text = { type: 'text_delta', text: 'Hello' };
    const events = [
      MESSAGE_START,
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      named('content_block_delta', { index: 0, delta: text }),
    ];
    bench.upstreams['anthropic']?.play(eventStream(events, 'clean'));
    const received = await askStream({ model: 'claude-opus' });
    expect(messageShape(received)).toEqual(['message_start', [0, { type: 'text', text: '' }], [0, text], 'error']);
    expect(received.at(-1)).toMatchObject({ error: { type: 'api_error', code: 'upstream_truncated' } });
  });
});

describe('tokens are counted', () => {
  test.each(['/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens?beta=true'])('at %s', async (path) => {
    const { messages } = ASK;
    const response = await bench.gateway.post(path, { model: 'claude-opus', system: 'Be brief.', messages });
    expect(response.status).toBe(200);
    const counted = (await response.json()) as { input_tokens: number; candor: JsonObject };
    expect(counted.input_tokens).toBeGreaterThan(3);
    expect(counted.input_tokens).toBeLessThan(60);
    expect(counted.candor).toMatchObject({ counted_for: 'anthropic/claude-opus', lower_bound: false });
    expect(counted.candor['error_band']).toBeGreaterThan(0);
  });

  test('and what is no part of a prompt is refused by its name', async () => {
    const response = await bench.gateway.post('/v1/messages/count_tokens', { model: 'claude-opus', ...ASK });
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { code: 'unsupported_parameter', param: 'max_tokens' },
    });
  });
});
