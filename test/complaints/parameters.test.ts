import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/core/json.ts';
import { QUESTION_DIALECTS } from '../support/dialect-questions.ts';
import { assemble, readStream } from '../support/event-stream.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import type { ReadRecord } from '../support/keyed-gateway.ts';
import { eventStream, startRawUpstream } from '../support/raw-upstream.ts';
import { simulatedConfig } from '../support/simulated-config.ts';

/**
 * What users of gateways complain of where parameters, formats and tools are concerned, each as the
 * failure that must not happen.
 */

const VENDORS = ['gpt-4o', 'claude-haiku', 'gemini-flash', 'deepseek-chat'] as const;
const ROUTES = ['checked: { try: [claude-haiku], validate: [truncation, refusal], stream: hold }'];
const MESSAGES = [{ role: 'user', content: 'Say hello.' }];
const LONG = 'Summarize: The bridge opened in 1932. It carries trains, cars and people. It took eight years to build.';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: simulatedConfig(ROUTES) });
});
afterAll(() => gateway.close());

interface Asked {
  readonly response: Response;
  readonly body: JsonObject & {
    readonly error?: { readonly code: string; readonly param: string | null };
    readonly choices?: readonly unknown[];
  };
  /** The last body an upstream received; empty when the request was refused. */
  readonly sent: string;
  readonly record: ReadRecord;
}

async function recordOf(response: Response): Promise<ReadRecord> {
  return (await gateway.record(response.headers.get('x-request-id') ?? '')) as unknown as ReadRecord;
}

async function ask(members: JsonObject): Promise<Asked> {
  const response = await gateway.post('/v1/chat/completions', { messages: MESSAGES, ...members });
  const body = (await response.json()) as Asked['body'];
  const record = await recordOf(response);
  return { response, body, record, sent: record.attempts.at(-1)?.sent.body ?? '' };
}

const adjusted = ({ record }: Asked): readonly string[] => record.adjustments.map(({ param }) => param);

describe.each(VENDORS)('an output cap is never dropped: %s', (model) => {
  test.each(['max_tokens', 'max_completion_tokens'])(
    '%s reaches the vendor, and the answer stops there',
    async (name) => {
      const { body, sent, record } = await ask({ model, [name]: 3, messages: [{ role: 'user', content: LONG }] });
      expect(sent).toMatch(/"(max_tokens|max_completion_tokens|maxOutputTokens)":3[,}]/);
      expect(body).toMatchObject({ choices: [{ finish_reason: 'length' }] });
      const told = record.adjustments.filter(({ param }) => param === name);
      expect(told.every(({ kind, asked, sent: cap }) => kind === 'renamed' && asked === cap)).toBe(true);
    },
  );

  test.each(QUESTION_DIALECTS)('$name: the cap of the dialect does', async (dialect) => {
    const { response } = await dialect.ask(gateway, { model, text: LONG, stream: false, maxTokens: 3 });
    const record = await recordOf(response);
    expect(record.attempts[0]?.sent.body).toMatch(/"(max_tokens|max_completion_tokens|maxOutputTokens)":3[,}]/);
    expect(record.attempts[0]?.finish).toBe('length');
  });
});

test('what was changed is sent back: what was asked, what was sent, and why', async () => {
  const { body, record, response } = await ask({ model: 'claude-haiku', max_tokens: 50, temperature: 1.5, seed: 4 });
  const told = (body['candor'] as { adjustments: object[] }).adjustments;
  expect(told).toEqual([
    { param: 'temperature', asked: 1.5, sent: 1, kind: 'clamped', reason: expect.any(String), at: 'anthropic' },
    { param: 'seed', asked: 4, sent: null, kind: 'dropped', reason: expect.any(String), at: 'anthropic' },
  ]);
  expect(record.attempts[0]?.adjustments).toEqual(told);
  expect(response.headers.get('x-candor-adjustments')).toBe('2');
});

describe.each(QUESTION_DIALECTS)('$name', (dialect) => {
  test.each([false, true])('a parameter fares as at every other endpoint (stream: %s)', async (stream) => {
    const asked = { model: 'claude-opus', text: 'Say hello.', stream, temperature: 0.5, maxTokens: 100 };
    const { candor, response } = await dialect.ask(gateway, asked);
    const record = await recordOf(response);
    expect(record.attempts[0]?.sent.body).not.toContain('"temperature"');
    expect(candor.adjustments).toEqual([
      {
        param: dialect.temperature,
        asked: 0.5,
        sent: null,
        kind: 'dropped',
        reason: expect.any(String),
        at: 'anthropic',
      },
    ]);
  });
});

describe.each(VENDORS)('taken and ignored, nothing is: %s', (model) => {
  test('a response format is the vendor’s own or emulated, said to be so, and checked', async () => {
    const schema = { type: 'object', properties: { sentinel_key: { type: 'string' } }, required: ['sentinel_key'] };
    const format = { type: 'json_schema', json_schema: { name: 'sentinel', schema } };
    const asked = await ask({ model, response_format: format });
    expect(asked.response.status).toBe(200);
    expect(asked.sent).toContain('sentinel_key');
    const isNative = /"(response_format|responseJsonSchema|responseSchema|output_config)":/.test(asked.sent);
    const emulated = asked.record.adjustments.filter(({ kind }) => kind === 'emulated');
    expect({ isNative, emulated: emulated.map(({ param }) => param) }).toEqual(
      isNative && emulated.length === 0 ? { isNative, emulated: [] } : { isNative, emulated: ['response_format'] },
    );
    expect(asked.record.validation).toMatchObject({ status: 'passed', verdicts: [{ validator: 'json_schema' }] });
  });

  test('a reasoning effort is sent in the vendor’s words, or reported', async () => {
    const asked = await ask({ model, reasoning_effort: 'high', max_tokens: 40_000 });
    expect(asked.response.status).toBe(200);
    const isSent = /"(reasoning_effort|thinking|thinkingConfig|output_config|effort)":/.test(asked.sent);
    expect({ isSent, adjusted: adjusted(asked) }).toEqual({
      isSent,
      adjusted: isSent ? expect.any(Array) : expect.arrayContaining(['reasoning_effort']),
    });
  });

  const image = { type: 'image_url', image_url: { url: 'https://images.example/sentinel.png' } };
  const sound = { type: 'input_audio', input_audio: { data: 'c2VudGluZWw=', format: 'wav' } };
  const holding = (part: object): JsonObject => ({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'look' }, part] }] as unknown as JsonObject[],
  });
  const part = 'messages[0].content[1]';
  test.each<[string, JsonObject, readonly string[], RegExp]>([
    ['several answers', { n: 2 }, ['n'], /"(n|candidateCount)":2[,}]/],
    ['top_p beside temperature', { top_p: 0.5, temperature: 0.25 }, ['top_p', 'temperature'], /(?=.*0\.5)(?=.*0\.25)/s],
    ['the address of an image', holding(image), [part], /images\.example\/sentinel\.png/],
    ['sound', holding(sound), [part], /c2VudGluZWw=/],
    ['a bias of tokens', { logit_bias: { '4242': -7 } }, ['logit_bias'], /"4242":-7/],
    ['several stops', { stop: ['sentinel-stop', 'other'] }, ['stop'], /sentinel-stop/],
  ])('%s: given, adjusted and reported, or refused by name', async (_name, members, params, given) => {
    const asked = await ask({ model, ...members });
    if (asked.response.status === 400) {
      expect(asked.body.error).toMatchObject({ code: 'unsupported_parameter', param: expect.any(String) });
      expect(params).toContain(asked.body.error?.param);
      expect(asked.record.attempts).toEqual([]);
      return;
    }
    expect(asked.response.status).toBe(200);
    const isReported = adjusted(asked).some((param) => params.includes(param));
    expect({ isGiven: given.test(asked.sent), isReported }).toEqual({ isGiven: !isReported, isReported });
    if (members['n'] === 2) expect(asked.body.choices).toHaveLength(2);
  });
});

describe.each(QUESTION_DIALECTS)('$name', (dialect) => {
  describe.each(VENDORS)('of %s', (model) => {
    test.each([false, true])('a turn with tool calls ends as one (stream: %s)', async (stream) => {
      const tools = ['find_city'];
      const told = await dialect.ask(gateway, { model, text: 'What is the weather in Paris?', stream, tools });
      expect(told.calls[0]).toBe('find_city');
      expect(told.finish).toBe(dialect.toolFinish);
      const record = await recordOf(told.response);
      expect(record.attempts[0]?.finish).toBe('tool_calls');
    });

    test('and one without does not', async () => {
      const told = await dialect.ask(gateway, { model, text: 'Say hello.', stream: false });
      expect(told.calls).toEqual([]);
      expect(['stop', 'end_turn', 'completed', 'STOP']).toContain(told.finish);
    });
  });
});

/** An Anthropic stream whose blocks are texts and calls, in this order; a call's arguments come in pieces. */
function anthropicStream(blocks: readonly ({ text: string } | { name: string; pieces: readonly string[] })[]): string {
  const usage = { input_tokens: 5, output_tokens: 6 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', content: [], usage };
  const events: object[] = [{ type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } }];
  blocks.forEach((block, index) => {
    const content =
      'text' in block
        ? { type: 'text', text: '' }
        : { type: 'tool_use', id: `toolu_${index}`, name: block.name, input: {} };
    const deltas =
      'text' in block
        ? [{ type: 'text_delta', text: block.text }]
        : block.pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
    events.push({ type: 'content_block_start', index, content_block: content });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  });
  events.push({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage });
  events.push({ type: 'message_stop' });
  return events
    .map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

test('parallel tool calls of a stream have an index each, whatever stands between them', async () => {
  const upstream = await startRawUpstream();
  const played = await startTestGateway({ config: simulatedConfig(ROUTES), upstreams: { anthropic: upstream.url } });
  try {
    const stream = anthropicStream([
      { text: 'First. ' },
      { name: 'one', pieces: ['{"a"', ':1}'] },
      { text: 'Then. ' },
      { name: 'two', pieces: ['{"b":', '2', '}'] },
      { name: 'three', pieces: ['{}'] },
    ]);
    upstream.play(eventStream([stream], 'clean'));
    const tools = ['one', 'two', 'three'].map((name) => ({ type: 'function', function: { name } }));
    const asked = { model: 'claude-haiku', messages: MESSAGES, stream: true, tools };
    const { chunks } = await readStream(await played.post('/v1/chat/completions', asked));
    const starts = chunks
      .flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []))
      .filter(({ id }) => id !== undefined);
    expect(starts.map(({ index, function: called }) => [index, called?.name])).toEqual([
      [0, 'one'],
      [1, 'two'],
      [2, 'three'],
    ]);
    const assembled = assemble(chunks);
    expect(assembled.content).toBe('First. Then. ');
    expect(assembled.tool_calls?.map(({ function: called }) => called.arguments)).toEqual(['{"a":1}', '{"b":2}', '{}']);
  } finally {
    await played.close();
    await upstream.close();
  }
});

test.each(VENDORS)('a history of several calls and their results reaches %s whole and together', async (model) => {
  const call = (id: string, city: string): JsonObject => ({
    id,
    type: 'function',
    function: { name: 'find_city', arguments: JSON.stringify({ city }) },
  });
  const { sent, response } = await ask({
    model,
    tools: [{ type: 'function', function: { name: 'find_city', parameters: { type: 'object' } } }],
    messages: [
      { role: 'user', content: 'Compare them.' },
      { role: 'assistant', content: 'I look.', tool_calls: [call('call_1', 'Paris-1'), call('call_2', 'Oslo-2')] },
      { role: 'tool', tool_call_id: 'call_2', content: 'cold-2' },
      { role: 'tool', tool_call_id: 'call_1', content: 'mild-1' },
      { role: 'user', content: 'And now?' },
    ],
  });
  expect(response.status).toBe(200);
  const places = ['I look.', 'Paris-1', 'Oslo-2', 'cold-2', 'mild-1', 'And now?'].map((text) => sent.indexOf(text));
  expect(places.every((place) => place >= 0)).toBe(true);
  // Where a protocol wants the results of one turn in one message, they are in one.
  const json = JSON.parse(sent) as { messages?: readonly JsonObject[]; contents?: readonly JsonObject[] };
  const turns = (json.messages ?? json.contents ?? []).map((turn) => JSON.stringify(turn));
  const results = turns.filter((turn) => turn.includes('cold-2') || turn.includes('mild-1'));
  expect(results).toHaveLength(model === 'claude-haiku' || model === 'gemini-flash' ? 1 : 2);
  expect(turns.filter((turn) => turn.includes('Paris-1'))).toEqual(turns.filter((turn) => turn.includes('Oslo-2')));
});

describe.each(QUESTION_DIALECTS)('$name', (dialect) => {
  test.each([false, true])('checks run on an answer with tool calls as on any other (stream: %s)', async (stream) => {
    const tools = ['find_city'];
    const told = await dialect.ask(gateway, { model: 'checked', text: 'What is the weather in Paris?', stream, tools });
    expect(told.calls[0]).toBe('find_city');
    expect(told.candor.validation).toEqual({
      status: 'passed',
      verdicts: [
        { validator: 'truncation', outcome: 'pass', reason: null },
        { validator: 'refusal', outcome: 'pass', reason: null },
      ],
    });
  });
});
