import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AnthropicErrorBody, AnthropicResponse, AnthropicStreamEvent } from '../../wire/anthropic.ts';
import { instantClock } from '../clock.ts';
import { type Simulator, startSimulator } from '../simulator.ts';

const ARTICLE = 'The mill was built in 1840. Water drove its wheel until 1931. The mill is a museum now.';
const WEATHER = {
  name: 'get_weather',
  description: 'Current weather for a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const user = (content: unknown): object => ({ role: 'user', content });
const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: '{"celsius": 4}' };

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    clock: instantClock(),
    providers: {
      anthropic: { kind: 'anthropic', models: { 'claude-opus-4-8': 'claude-opus', 'claude-haiku': 'claude-haiku' } },
    },
  });
});

afterAll(() => simulator.close());

function post(
  body: object,
  headers: Readonly<Record<string, string>> = { 'anthropic-version': '2026-10-21' },
): Promise<Response> {
  return fetch(`${simulator.urls['anthropic']}/v1/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'claude-haiku', max_tokens: 2_000, messages: [user('Say hello')], ...body }),
  });
}

async function answer(body: object): Promise<AnthropicResponse> {
  const response = await post(body);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as AnthropicResponse;
}

async function events(body: object): Promise<readonly AnthropicStreamEvent[]> {
  const response = await post({ ...body, stream: true });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const found = (await response.text())
    .trimEnd()
    .split('\n\n')
    .map((event) => /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []);
  return found.map(([, name, data]) => {
    const event = JSON.parse(data ?? '') as AnthropicStreamEvent;
    expect(event.type).toBe(name);
    return event;
  });
}

/** The message that the events of a stream make, put together as the vendor's client does. */
function assemble(stream: readonly AnthropicStreamEvent[]): {
  readonly content: readonly Record<string, unknown>[];
  readonly stopReason: unknown;
} {
  const content: Record<string, unknown>[] = [];
  const json = new Map<number, string>();
  let stopReason: unknown = null;
  for (const event of stream) {
    if (event.type === 'content_block_start') content[event.index] = { ...event.content_block };
    if (event.type === 'message_delta') stopReason = event.delta['stop_reason'];
    if (event.type !== 'content_block_delta') continue;
    const block = content[event.index]!;
    for (const member of ['text', 'thinking', 'signature']) {
      if (typeof event.delta[member] === 'string') block[member] = `${String(block[member])}${event.delta[member]}`;
    }
    if (typeof event.delta['partial_json'] === 'string')
      json.set(event.index, `${json.get(event.index) ?? ''}${event.delta['partial_json']}`);
  }
  for (const [index, text] of json) content[index]!['input'] = JSON.parse(text);
  return { content, stopReason };
}

describe('answers', () => {
  test('text', async () => {
    const message = await answer({ messages: [user(`Summarize in one sentence: ${ARTICLE}`)] });
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'sim-claude-haiku',
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    expect(ARTICLE).toContain((message.content[0] as { text: string }).text);
  });

  test.each<readonly [string, object]>([
    ['text', { messages: [user(`Summarize: ${ARTICLE}`)] }],
    ['two calls', { messages: [user('What is the weather in Paris and Berlin?')], tools: [WEATHER] }],
    [
      'thinking',
      { model: 'claude-opus-4-8', thinking: { type: 'adaptive' }, messages: [user(`Summarize: ${ARTICLE}`)] },
    ],
    ['hidden thinking', { model: 'claude-opus-4-8', thinking: { type: 'adaptive', display: 'omitted' } }],
    ['a cap', { max_tokens: 3, messages: [user(`Summarize: ${ARTICLE}`)] }],
  ])('a stream says what the whole answer says: %s', async (_name, body) => {
    const stream = await events(body);
    const whole = await answer(body);
    expect(assemble(stream)).toEqual({ content: whole.content, stopReason: whole.stop_reason });
    expect(stream[0]).toMatchObject({
      type: 'message_start',
      message: { content: [], stop_reason: null, usage: { input_tokens: whole.usage.input_tokens } },
    });
    expect(stream.at(-2)).toMatchObject({ type: 'message_delta', usage: { output_tokens: whole.usage.output_tokens } });
    expect(stream.at(-1)).toEqual({ type: 'message_stop' });
  });

  test('calls and their round trip', async () => {
    const asked = await answer({ messages: [user('What is the weather in Paris and Berlin?')], tools: [WEATHER] });
    expect(asked.stop_reason).toBe('tool_use');
    expect(asked.content).toMatchObject([
      { type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } },
      { type: 'tool_use', name: 'get_weather', input: { city: 'Berlin' } },
    ]);
    const results = asked.content.map((block, index) => ({
      type: 'tool_result',
      tool_use_id: (block as { id: string }).id,
      content: JSON.stringify({ celsius: index }),
    }));
    const told = await answer({
      messages: [
        user('What is the weather in Paris and Berlin?'),
        { role: 'assistant', content: asked.content },
        user(results),
      ],
      tools: [WEATHER],
    });
    expect(told.content).toMatchObject([{ type: 'text', text: 'Paris: celsius: 0. Berlin: celsius: 1.' }]);
  });

  test('one call only, when parallel ones are off', async () => {
    const message = await answer({
      messages: [user('What is the weather in Paris and Berlin?')],
      tools: [WEATHER],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(message.content).toHaveLength(1);
  });

  test('a forced tool is called whatever the prompt', async () => {
    const message = await answer({
      messages: [user('Tell me a joke')],
      tools: [WEATHER],
      tool_choice: { type: 'tool', name: 'get_weather' },
    });
    expect(message.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { city: '' } }]);
  });

  test('a schema is filled', async () => {
    const schema = {
      type: 'object',
      properties: { year: { type: 'integer' } },
      required: ['year'],
      additionalProperties: false,
    };
    const message = await answer({
      messages: [user('The contract was signed on 3 May 1999.')],
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(JSON.parse((message.content[0] as { text: string }).text)).toEqual({ year: 1999 });
  });

  test('a stop sequence is told', async () => {
    expect(
      await answer({ messages: [user(`Summarize in one sentence: ${ARTICLE}`)], stop_sequences: [' was'] }),
    ).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' was' });
  });

  test('thinking counts as output', async () => {
    const message = await answer({ model: 'claude-opus-4-8', thinking: { type: 'adaptive' } });
    const thinkingTokens = message.usage.output_tokens_details!.thinking_tokens!;
    expect(thinkingTokens).toBeGreaterThan(5);
    expect(message.usage.output_tokens).toBe(thinkingTokens + 1);
  });

  test('an image is named by type and size', async () => {
    const image = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/webp', data: Buffer.alloc(42).toString('base64') },
    };
    const message = await answer({ messages: [user([image, { type: 'text', text: 'What is it?' }])] });
    expect((message.content[0] as { text: string }).text).toContain('image/webp, 42 bytes');
  });

  test('turns of one role are taken as one; system turns where the model knows them', async () => {
    expect((await answer({ messages: [user('one'), user('two')] })).stop_reason).toBe('end_turn');
    const late = { model: 'claude-opus-4-8', messages: [user('one'), { role: 'system', content: 'Be short.' }] };
    expect((await answer(late)).stop_reason).toBe('end_turn');
  });

  test('the id of the request is in its header', async () => {
    const response = await post({});
    expect(response.headers.get('request-id')).toMatch(/^req_/);
  });
});

test('thinking comes back as it was signed, and not otherwise', async () => {
  const asked = { model: 'claude-opus-4-8', thinking: { type: 'adaptive' } };
  const { content } = await answer(asked);
  expect(content[0]).toMatchObject({ type: 'thinking' });
  const turns = (blocks: unknown): object => ({
    messages: [user('Say hello'), { role: 'assistant', content: blocks }, user('Again')],
  });
  expect((await answer({ ...asked, ...turns(content) })).stop_reason).toBe('end_turn');
  const forged = content.map((block) => (block.type === 'thinking' ? { ...block, signature: 'candor:e30' } : block));
  const refused = (await (await post({ ...asked, ...turns(forged) })).json()) as AnthropicErrorBody;
  expect(refused.error.message).toBe('messages.1.content.0: Invalid `signature` in `thinking` block');
});

describe('refuses', () => {
  test.each<readonly [string, object]>([
    ['max_tokens: Field required', { max_tokens: undefined }],
    ['max_tokens: 65000 > 64000', { max_tokens: 65_000 }],
    ['seed: Extra inputs are not permitted', { seed: 1 }],
    ['temperature: range: 0..1', { temperature: 1.5 }],
    ['cannot both be specified', { temperature: 0.5, top_p: 0.5 }],
    ['`temperature` is not supported for this model', { model: 'claude-opus-4-8', temperature: 0.2 }],
    ['`top_p` is not supported for this model', { model: 'claude-opus-4-8', top_p: 0.5 }],
    [
      'thinking.type: "enabled" is not supported',
      { model: 'claude-opus-4-8', thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
    ['budget_tokens', { thinking: { type: 'enabled', budget_tokens: 10 } }],
    ['`max_tokens` must be greater', { thinking: { type: 'enabled', budget_tokens: 4_000 } }],
    ['does not support the effort parameter', { output_config: { effort: 'low' } }],
    [
      'additionalProperties',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: {} } } } },
    ],
    ['at least one message is required', { messages: [] }],
    ['first message must use the "user" role', { messages: [{ role: 'assistant', content: 'hi' }, user('x')] }],
    ['text content blocks must be non-empty', { messages: [user([{ type: 'text', text: '' }])] }],
    ['trailing whitespace', { messages: [user('x'), { role: 'assistant', content: 'It is ' }] }],
    [
      'does not support assistant message prefill',
      { model: 'claude-opus-4-8', messages: [user('x'), { role: 'assistant', content: 'It is' }] },
    ],
    ["role 'system' is not supported", { messages: [user('x'), { role: 'system', content: 'y' }] }],
    ['unexpected `tool_use_id`', { messages: [user([result])] }],
    ['without `tool_result` blocks', { messages: [user('x'), { role: 'assistant', content: [call] }, user('and?')] }],
    ['without `tool_result` blocks', { messages: [user('x'), { role: 'assistant', content: [call] }] }],
    [
      'String should match pattern',
      {
        messages: [
          user('x'),
          { role: 'assistant', content: [{ ...call, id: 'call/1' }] },
          user([{ ...result, tool_use_id: 'call/1' }]),
        ],
      },
    ],
    ['non-whitespace', { stop_sequences: ['\n'] }],
    ["Tool 'x' not found", { tools: [WEATHER], tool_choice: { type: 'tool', name: 'x' } }],
    ['only be specified while providing tools', { tool_choice: { type: 'auto' } }],
    ['input_schema: Field required', { tools: [{ name: 'x' }] }],
    [
      'media_type',
      { messages: [user([{ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: '' } }])] },
    ],
  ])('%s', async (message, body) => {
    const response = await post(body);
    const error = (await response.json()) as AnthropicErrorBody;
    expect(response.status).toBe(400);
    expect(error).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) as string },
    });
  });

  test('a request without the version', async () => {
    const response = await post({}, {});
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('anthropic-version: header is required');
  });

  test('a model it does not have', async () => {
    const response = await post({ model: 'claude-9' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { type: 'not_found_error', message: 'model: claude-9' } });
  });

  test('another path', async () => {
    expect((await fetch(`${simulator.urls['anthropic']}/v1/complete`, { method: 'POST', body: '{}' })).status).toBe(
      404,
    );
  });
});
