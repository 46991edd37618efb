import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { body, eventStream } from './support/raw-upstream.ts';
import { askWithSdk, flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import {
  anthropicStream,
  data,
  deepSeekStream,
  MESSAGE_START,
  MESSAGE_STOP,
  named,
  openAiStream,
  type UpstreamStream,
} from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }
  deepseek-reasoner: { at: deepseek }
routes:
  held: { try: [claude-opus], stream: hold }
`;

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench({ config: CONFIG });
});
beforeEach(() => bench.gateway.closeCircuits());
afterAll(() => bench.close());

type Outcome = Awaited<ReturnType<typeof askWithSdk>> & { readonly flags: () => Promise<readonly string[]> };

async function play(
  provider: string,
  model: string,
  events: readonly string[],
  asked: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> {
  bench.upstreams[provider]!.play(eventStream(events, 'clean'));
  const outcome = await askWithSdk(bench.gateway.url, { model, messages: MESSAGES, ...asked });
  return {
    ...outcome,
    async flags() {
      const record = await bench.gateway.record(outcome.headers.get('x-request-id') ?? '');
      return (record['attempts'] as { flags: string[] }[])[0]!.flags;
    },
  };
}

async function askWhole(model: string, asked: Readonly<Record<string, unknown>> = {}): Promise<Response> {
  return bench.gateway.post('/v1/chat/completions', { model, messages: MESSAGES, ...asked });
}

const text = (words: string): string =>
  named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: words } });
const begin = (block: JsonObject, index = 0): string => named('content_block_start', { index, content_block: block });
const end = (reason: string, details: JsonObject = {}): readonly string[] => [
  named('message_delta', { delta: { stop_reason: reason, ...details }, usage: { output_tokens: 6 } }),
  MESSAGE_STOP,
];
const OTHER_START = MESSAGE_START.replace('msg_1', 'msg_2');

describe('a vendor that begins its answer anew', () => {
  const toolCall = (id: string, json: string): readonly string[] => [
    begin({ type: 'tool_use', id, name: 'weather', input: {} }),
    named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: json } }),
  ];
  const spliced = [
    MESSAGE_START,
    ...toolCall('toolu_first', '{"city":"Os'),
    OTHER_START,
    ...toolCall('toolu_second', '{"city":"Bergen"}'),
    named('content_block_stop', { index: 0 }),
    ...end('tool_use'),
  ];

  test('breaks a stream of which the client has something already', async () => {
    const outcome = await play('anthropic', 'claude-opus', spliced);
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(outcome.thrown).toMatchObject({ code: 'upstream_protocol' });
    expect(outcome.bytes).not.toContain('toolu_second');
  });

  test('is heard where the client has nothing yet: of what came before, not a word', async () => {
    const outcome = await play('anthropic', 'held', spliced);
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    expect(outcome.bytes).toContain('toolu_second');
    expect(outcome.bytes).not.toContain('toolu_first');
    expect(await outcome.flags()).toEqual(['restarted']);
  });

  test('is heard where a whole answer was asked for', async () => {
    bench.upstreams['anthropic']!.play(eventStream(spliced, 'clean'));
    const answer = (await (await askWhole('claude-opus')).json()) as { choices: unknown };
    expect(answer.choices).toMatchObject([
      {
        message: {
          content: null,
          tool_calls: [{ id: 'toolu_second', function: { name: 'weather', arguments: '{"city":"Bergen"}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ]);
  });

  test('before it has said anything has lost nothing', async () => {
    const events = [MESSAGE_START, OTHER_START, begin({ type: 'text', text: '' }), text('ein'), ...end('end_turn')];
    const outcome = await play('anthropic', 'claude-opus', events);
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    expect(outcome.text).toBe('ein');
  });

  test.each([
    ['with the same message in the middle', [MESSAGE_START, text('ein'), MESSAGE_START, text('zwei')]],
    ['after its end', [MESSAGE_START, text('ein'), ...end('end_turn'), OTHER_START, text('zwei')]],
  ])('is not heard %s, held or not', async (_name, events) => {
    for (const model of ['claude-opus', 'held']) {
      const outcome = await play('anthropic', model, [...events, ...end('end_turn')]);
      expect(outcome.thrown).toMatchObject({ code: 'upstream_protocol' });
      expect(outcome.text).not.toContain('zwei');
    }
  });
});

describe('a vendor that serves another model', () => {
  const deepSeek = deepSeekStream(['ein']);

  test('under the name that was asked for is named by what it served, and flagged', async () => {
    const events = deepSeek.events.map((event) => event.replaceAll('deepseek-chat', 'deepseek-v4-flash'));
    const outcome = await play('deepseek', 'deepseek-reasoner', events);
    expect(readStream(outcome.bytes).models).toEqual(['deepseek-v4-flash']);
    expect(await outcome.flags()).toEqual(['model_alias_drift']);
  });

  test.each<[string, UpstreamStream, string, readonly string[]]>([
    ['a dated version of it', openAiStream(['ein']), 'gpt-4o-2024-08-06', []],
    ['a numbered version of it', openAiStream(['ein']), 'gpt-4o-002', []],
    ['itself', openAiStream(['ein']), 'gpt-4o', []],
    ['a smaller one of the family', openAiStream(['ein']), 'gpt-4o-mini', ['model_alias_drift']],
  ])('%s', async (_name, upstream, served, flags) => {
    const events = upstream.events.map((event) => event.replaceAll('gpt-4o-2024-08-06', served));
    expect(await (await play(upstream.provider, upstream.model, events)).flags()).toEqual(flags);
  });

  const fallback = begin({
    type: 'fallback',
    from: { model: 'claude-opus-4-8' },
    to: { model: 'claude-sonnet-4-6' },
  });
  test('in its own service is named too, and flagged', async () => {
    const events = [MESSAGE_START, fallback, begin({ type: 'text', text: '' }, 1), text('ein'), ...end('end_turn')];
    const outcome = await play('anthropic', 'claude-opus', events);
    expect(readStream(outcome.bytes).models).toEqual(['claude-sonnet-4-6']);
    expect(await outcome.flags()).toEqual(['vendor_side_fallback', 'model_alias_drift']);
  });

  test('in the middle of the answer has two authors, and none is believed', async () => {
    const events = [MESSAGE_START, begin({ type: 'text', text: '' }), text('ein'), fallback, text('zwei')];
    const outcome = await play('anthropic', 'claude-opus', [...events, ...end('end_turn')]);
    expect(outcome.thrown).toMatchObject({ code: 'upstream_protocol' });
    expect(outcome.text).toBe('ein');
  });

  test('after a pause has two authors too, streamed or whole', async () => {
    const parts = (model: string, word: string, stop: string): readonly string[] => [
      MESSAGE_START.replace('claude-opus-4-8', model),
      begin({ type: 'text', text: '' }),
      text(word),
      ...end(stop),
    ];
    const first = parts('claude-opus-4-8', 'ein', 'pause_turn');
    expect(first[0]).toContain('claude-opus-4-8');
    const second = parts('claude-haiku-4-5', 'zwei', 'end_turn');
    let calls = 0;
    bench.upstreams['anthropic']!.play((socket, request) =>
      eventStream(++calls % 2 === 1 ? first : second, 'clean')(socket, request),
    );
    const streamed = await askWithSdk(bench.gateway.url, { model: 'claude-opus', messages: MESSAGES });
    expect(streamed.thrown).toMatchObject({ code: 'upstream_protocol' });
    expect(streamed.text).toBe('ein');
    const message = (model: string, stop_reason: string): string =>
      JSON.stringify({ model, content: [{ type: 'text', text: 'x' }], stop_reason, usage: {} });
    bench.upstreams['anthropic']!.play((socket, request) =>
      body(++calls % 2 === 1 ? message('claude-opus-4-8', 'pause_turn') : message('claude-haiku-4-5', 'end_turn'))(
        socket,
        request,
      ),
    );
    const whole = await askWhole('claude-opus');
    expect([whole.status, await whole.json()]).toMatchObject([502, { error: { code: 'upstream_protocol' } }]);
    // A stream was asked for, and each time a whole answer came.
    const relayed = await askWithSdk(bench.gateway.url, { model: 'claude-opus', messages: MESSAGES });
    expect([relayed.thrown, relayed.text]).toMatchObject([{ code: 'upstream_protocol' }, 'x']);
    expect(calls).toBe(6);
  });
});

test('an answer that begins anew after a pause has lost its beginning, also where none of it was sent', async () => {
  const begun = (id: string, word: string): readonly string[] => [
    MESSAGE_START.replace('msg_1', id),
    begin({ type: 'text', text: '' }),
    text(word),
  ];
  let calls = 0;
  bench.upstreams['anthropic']!.play((socket, request) =>
    eventStream(
      ++calls === 1
        ? [...begun('msg_1', 'ein'), ...end('pause_turn')]
        : [...begun('msg_2', 'zwei'), ...begun('msg_3', 'drei'), ...end('end_turn')],
      'clean',
    )(socket, request),
  );
  const outcome = await askWithSdk(bench.gateway.url, { model: 'held', messages: MESSAGES });
  expect([outcome.thrown, outcome.text]).toMatchObject([{ code: 'upstream_protocol' }, '']);
});

test('an answer nested beyond all use is a failure of the vendor’s', async () => {
  const input = `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const call = `{"type":"tool_use","id":"t","name":"f","input":${input}}`;
  bench.upstreams['anthropic']!.play(body(`{"model":"claude-opus-4-8","content":[${call}],"stop_reason":"tool_use"}`));
  const whole = await askWhole('claude-opus');
  expect([whole.status, await whole.json()]).toMatchObject([502, { error: { code: 'upstream_invalid_json' } }]);
});

describe('a vendor that will not answer', () => {
  const details = { stop_details: { category: 'cyber', explanation: 'No.' } };

  test('without a word has refused, and says what about', async () => {
    const outcome = await play('anthropic', 'claude-opus', [MESSAGE_START, ...end('refusal', details)]);
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
    expect(readStream(outcome.bytes)).toMatchObject({ text: '', finishReasons: ['content_filter'] });
    expect(await outcome.flags()).toEqual(['refusal_category:cyber']);
  });

  test('after its first words has not stopped of itself', async () => {
    const events = [MESSAGE_START, begin({ type: 'text', text: '' }), text('Hi'), ...end('refusal', details)];
    const outcome = await play('anthropic', 'claude-opus', events);
    expect(readStream(outcome.bytes)).toMatchObject({ text: 'Hi', finishReasons: ['content_filter'] });
  });

  test('at all, since it has blocked the question, has used nothing that is known', async () => {
    const outcome = await play('google', 'gemini-flash', [data({ promptFeedback: { blockReason: 'SAFETY' } })]);
    expect(readStream(outcome.bytes)).toMatchObject({ text: '', finishReasons: ['content_filter'], done: true });
    expect(outcome.status).toBe(200);
    const record = await bench.gateway.record(outcome.headers.get('x-request-id') ?? '');
    expect(record).toMatchObject({ status: 'complete', usage: null, cost: null });
  });

  test('in one turn, but wants another, again and again, has not finished', async () => {
    const events = [MESSAGE_START, begin({ type: 'text', text: '' }), text('ein'), ...end('pause_turn')];
    const outcome = await play('anthropic', 'claude-opus', events);
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(outcome.thrown).toMatchObject({ code: 'upstream_pause_turn' });
  });
});

test('what no client is given is left out and said to be, with whatever belongs to it', async () => {
  const events = [
    MESSAGE_START,
    begin({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
    named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":"x"}' } }),
    named('content_block_stop', { index: 0 }),
    begin({ type: 'text', text: '' }, 1),
    named('content_block_delta', { index: 1, delta: { type: 'text_delta', text: 'ein' } }),
    ...end('end_turn'),
  ];
  const outcome = await play('anthropic', 'claude-opus', events);
  expect(outcome.text).toBe('ein');
  expect(await outcome.flags()).toEqual(['left_out:server_tool_use']);
});

test('arguments of a tool call that never began are no answer', async () => {
  const stray = named('content_block_delta', { index: 4, delta: { type: 'input_json_delta', partial_json: '{}' } });
  const outcome = await play('anthropic', 'claude-opus', [...anthropicStream(['ein']).events.slice(0, 4), stray]);
  expect(outcome.thrown).toMatchObject({ code: 'upstream_malformed_tool_call' });
});

describe('a format that the vendor did not keep', () => {
  const jsonObject = { response_format: { type: 'json_object' } };
  const blank = deepSeekStream([' \n', '\t']);

  test('white space instead of an object is no answer, streamed or not', async () => {
    const outcome = await play('deepseek', 'deepseek-chat', blank.events, jsonObject);
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(outcome.thrown).toMatchObject({ code: 'validation_failed' });

    const choice = { index: 0, message: { role: 'assistant', content: ' \n ' }, finish_reason: 'stop' };
    bench.upstreams['deepseek']!.play(body(JSON.stringify({ model: 'deepseek-chat', choices: [choice] })));
    const whole = await askWhole('deepseek-chat', jsonObject);
    expect([whole.status, await whole.json()]).toMatchObject([424, { error: { code: 'validation_failed' } }]);
  });

  test('what a schema says that the vendor cannot enforce is checked on the answer', async () => {
    const schema = { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 3 };
    const asked = { response_format: { type: 'json_schema', json_schema: { name: 'numbers', schema } } };
    const answer = (words: string): readonly string[] => [
      MESSAGE_START,
      begin({ type: 'text', text: '' }),
      text(words),
      ...end('end_turn'),
    ];
    expect((await play('anthropic', 'claude-opus', answer('[1, 2, 3]'), asked)).thrown).toBeNull();
    for (const wrong of ['[1, 2]', '[0, 1, 2]']) {
      const outcome = await play('anthropic', 'claude-opus', answer(wrong), asked);
      expect(outcome.thrown).toMatchObject({ code: 'validation_failed' });
    }
  });
});
