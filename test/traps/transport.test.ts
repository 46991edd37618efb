import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/core/json.ts';
import { body, eventStream } from '../support/raw-upstream.ts';
import {
  completion,
  delta,
  deltasOf,
  errorOf,
  event,
  finishOf,
  openTrapBench,
  stream,
  textOf,
  type Asked,
  type TrapBench,
} from '../support/trap-bench.ts';

const USER = { role: 'user', content: 'Hi' };
const STREAM = { messages: [USER], stream: true };

let bench: TrapBench;
beforeAll(async () => {
  bench = await openTrapBench();
});
afterAll(() => bench.close());

describe('trap 56: framing', () => {
  const text = 'a🎉秋b';
  const events = [delta({ content: 'a🎉' }), delta({ content: '秋b' }), delta({}, 'stop'), 'data: [DONE]\n\n'].join('');
  const framings: readonly (readonly [string, string])[] = [
    ['line feeds', events],
    ['carriage returns and line feeds', events.replaceAll('\n', '\r\n')],
    ['carriage returns', events.replaceAll('\n', '\r')],
    ['a byte order mark', `\u{feff}${events}`],
    ['no space after the colon', events.replaceAll('data: ', 'data:')],
    ['comments and blank lines', `\n\n: hello\n\n${events.replaceAll('data: ', ': keep-alive\n\ndata: ')}`],
    ['two lines of data', events.replaceAll('"choices"', '\ndata: "choices"')],
  ];

  test.each(framings)('trap 56: %s, cut at every byte', async (_name, framed) => {
    const bytes = Buffer.from(framed);
    const pieces = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    const asked = await bench.ask('other', STREAM, eventStream(pieces, 'clean'));
    expect(textOf(asked)).toBe(text);
    expect(finishOf(asked)).toEqual(['stop']);
  });
});

describe('trap 57: an error inside a stream that began with 200', () => {
  const said = { error: { message: 'Overloaded', type: 'overloaded_error' } };
  const text = delta({ content: 'a' });
  const cases: readonly (readonly [string, string])[] = [
    ['an event named error', `event: error\n${event(said)}`],
    ['an unnamed error', event(said)],
    ['an error beside choices', delta({}, 'length', said)],
    ['an error after the finish', delta({}, 'length') + event({ error: { code: 503, message: 'busy' }, choices: [] })],
    ['bare JSON', `${JSON.stringify(said, null, 2)}\n`],
  ];

  test.each(cases)('trap 57: %s ends the stream as an error, after content', async (_name, ending) => {
    const asked = await bench.ask('other', STREAM, eventStream([text, ending, 'data: [DONE]\n\n'], 'clean'));
    expect(errorOf(asked)['code']).toBe('upstream_overloaded');
    expect(finishOf(asked)).toEqual([]);
    expect(asked.text).not.toContain('[DONE]');
  });

  test.each(cases)('trap 57: %s before content is followed by the next candidate', async (_name, ending) => {
    bench.upstreams['deepseek']?.play(completion({ content: 'second' }));
    const asked = await bench.ask('first', STREAM, eventStream([ending], 'clean'));
    expect(textOf(asked)).toBe('second');
    expect(asked.headers.get('x-candor-fallback')).toBe('?1;reason=upstream_overloaded');
  });

  test('trap 57: an end without a terminal signal is an error, one without [DONE] is not', async () => {
    const cut = await bench.ask('other', STREAM, eventStream([text], 'clean'));
    expect([errorOf(cut)['code'], finishOf(cut)]).toEqual(['upstream_truncated', []]);
    const done = await bench.ask('other', STREAM, eventStream([text, delta({}, 'stop')], 'clean'));
    expect(finishOf(done)).toEqual(['stop']);
    expect(done.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

describe('trap 58: usage', () => {
  const counts = {
    prompt_tokens: 291,
    completion_tokens: 26,
    total_tokens: 513,
    completion_tokens_details: { reasoning_tokens: 196 },
  };
  const usageOf = async (asked: Asked): Promise<JsonObject> =>
    (await bench.gateway.record(asked.chunks[0]?.['id'] as string)) as JsonObject;

  test('trap 58: reasoning that a vendor counts apart is counted in', async () => {
    const asked = await bench.ask(
      'other',
      { messages: [USER] },
      completion({ content: 'a' }, 'stop', { usage: counts }),
    );
    expect(asked.json['usage']).toMatchObject({ prompt_tokens: 291, completion_tokens: 222, total_tokens: 513 });
  });

  test('trap 58: a client that does not ask has no usage chunk, and the record has the usage', async () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 10,
      total_tokens: 20,
      completion_tokens_details: { reasoning_tokens: 11 },
    };
    const asked = await bench.ask(
      'other',
      STREAM,
      stream(delta({ content: 'a' }), delta({}, 'stop'), delta({}, null, { choices: [], usage })),
    );
    expect(asked.chunks.some((chunk) => (chunk['usage'] ?? null) !== null)).toBe(false);
    const record = await usageOf(asked);
    expect(record['usage']).toMatchObject({ prompt_tokens: 10, completion_tokens: 10, reasoning_tokens: 11 });
    expect(record['attempts']).toMatchObject([{ flags: expect.arrayContaining(['usage_inconsistent']) as unknown }]);
  });
});

describe('trap 59: who serves', () => {
  test('trap 59: until the vendor names a model, chunks carry what was asked for', async () => {
    const nameless = event({ choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [] });
    const asked = await bench.ask('other', STREAM, stream(nameless, delta({ content: 'a' }), delta({}, 'stop')));
    expect(asked.chunks.map((chunk) => chunk['model'])).toEqual(['other', 'served-1', 'served-1']);
    expect(
      asked.chunks.every(
        (chunk) => chunk['object'] === 'chat.completion.chunk' && chunk['id'] === asked.chunks[0]?.['id'],
      ),
    ).toBe(true);
    const record = await bench.gateway.record(asked.chunks[0]?.['id'] as string);
    expect(record['attempts']).toMatchObject([{ model_asked: 'other-1', model_reported: 'served-1' }]);
  });

  test('trap 59: an alias that another model serves is marked', async () => {
    const asked = await bench.ask(
      'deepseek-chat',
      { messages: [USER] },
      completion({ content: 'a' }, 'stop', { model: 'deepseek-v4-flash' }),
    );
    expect(asked.json['model']).toBe('deepseek-v4-flash');
    const record = await bench.gateway.record(asked.json['id'] as string);
    expect(record['attempts']).toMatchObject([{ flags: expect.arrayContaining(['model_alias_drift']) as unknown }]);
  });
});

describe('trap 60: answers that end otherwise', () => {
  const block = (text: string): JsonObject => ({ type: 'text', text });
  const message = (content: readonly JsonObject[], stop: string, tokens: number): string =>
    JSON.stringify({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5-20251001',
      content,
      stop_reason: stop,
      stop_sequence: null,
      usage: { input_tokens: tokens, output_tokens: 2 },
    });

  test('trap 60: a vendor that pauses is asked to go on, and tokens and costs add up', async () => {
    const first = [block('One, ')];
    let calls = 0;
    const asked = await bench.ask('claude', { messages: [USER] }, (socket, request) => {
      const answer = ++calls === 1 ? message(first, 'pause_turn', 10) : message([block('two.')], 'end_turn', 14);
      body(answer)(socket, request);
    });
    expect(asked.sent['messages']).toEqual([
      { role: 'user', content: [block('Hi')] },
      { role: 'assistant', content: first },
    ]);
    expect(asked.json['choices']).toMatchObject([{ message: { content: 'One, two.' }, finish_reason: 'stop' }]);
    expect(asked.json['usage']).toMatchObject({ prompt_tokens: 24, completion_tokens: 4, total_tokens: 28 });
    const record = (await bench.gateway.record(asked.json['id'] as string)) as JsonObject;
    const attempts = record['attempts'] as readonly JsonObject[];
    expect(attempts).toMatchObject([
      { n: 1, kind: 'ok', finish: null, finish_native: 'pause_turn', usage: { prompt_tokens: 10 } },
      { n: 2, kind: 'ok', finish: 'stop', flags: ['continues_attempt:1'], usage: { prompt_tokens: 14 } },
    ]);
    expect(record['usage']).toMatchObject({ prompt_tokens: 24, completion_tokens: 4 });
    const costs = attempts.map((attempt) => attempt['cost'] as number);
    expect(record['cost']).toBeCloseTo((costs[0] ?? 0) + (costs[1] ?? 0), 9);
    expect(record['fallback']).toBeNull();
  });

  test('trap 60: the same in a stream', async () => {
    const events = (text: string, stop: string): readonly string[] =>
      [
        { type: 'message_start', message: JSON.parse(message([], 'x', 10)) as JsonObject },
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        },
        { type: 'content_block_stop', index: 0 },
        { type: 'content_block_start', index: 1, content_block: block('') },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text } },
        { type: 'content_block_stop', index: 1 },
        { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 2 } },
        { type: 'message_stop' },
      ].map((json) => `event: ${json.type}\ndata: ${JSON.stringify(json)}\n\n`);
    let calls = 0;
    const asked = await bench.ask(
      'claude',
      { ...STREAM, stream_options: { include_usage: true } },
      (socket, request) => {
        eventStream(++calls === 1 ? events('One, ', 'pause_turn') : events('two.', 'end_turn'), 'clean')(
          socket,
          request,
        );
      },
    );
    expect(calls).toBe(2);
    expect(deltasOf(asked).filter((piece) => piece['role'] !== undefined)).toHaveLength(1);
    expect(textOf(asked)).toBe('One, two.');
    expect(finishOf(asked)).toEqual(['stop']);
    expect(asked.chunks.at(-1)?.['usage']).toMatchObject({ prompt_tokens: 20, completion_tokens: 4 });
    expect((asked.sent['messages'] as readonly JsonObject[]).at(-1)).toMatchObject({
      role: 'assistant',
      content: [{}, block('One, ')],
    });
  });

  test('trap 60: a vendor that pauses for ever fails', async () => {
    const asked = await bench.ask('claude', { messages: [USER] }, body(message([block('a')], 'pause_turn', 1)));
    expect([asked.status, errorOf(asked)['code']]).toEqual([502, 'upstream_pause_turn']);
    expect((errorOf(asked)['candor'] as JsonObject)['attempts']).toHaveLength(6);
  });

  test('trap 60: an end that nobody knows is a failure', async () => {
    const asked = await bench.ask('other', { messages: [USER] }, completion({ content: 'a' }, 'FAKE_ENUM'));
    expect([asked.status, errorOf(asked)['code']]).toEqual([502, 'upstream_unknown_finish_reason']);
    const held = await bench.ask(
      'held',
      { ...STREAM, model: 'held' },
      stream(delta({ content: 'a' }), delta({}, 'FAKE_ENUM')),
    );
    expect(errorOf(held)['code']).toBe('upstream_unknown_finish_reason');
  });
});

describe('other vendors of the protocol', () => {
  test('reasoning and text in lists of parts, or under another name, are told as everywhere', async () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] };
    const text = { type: 'text', text: 'four' };
    const whole = await bench.ask('other', { messages: [USER] }, completion({ content: [thinking, text] }));
    expect(whole.json['choices']).toMatchObject([{ message: { content: 'four', reasoning_content: 'hm' } }]);
    const streamed = await bench.ask(
      'other',
      STREAM,
      stream(
        delta({ content: [thinking] }),
        delta({ reasoning: 'and ' }),
        delta({ content: [text] }),
        delta({}, 'model_length'),
      ),
    );
    expect(deltasOf(streamed)).toEqual([
      { role: 'assistant', content: null, reasoning_content: 'hm' },
      { content: null, reasoning_content: 'and ' },
      { content: 'four' },
      {},
    ]);
    expect(finishOf(streamed)).toEqual(['length']);
  });
});
