import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/core/json.ts';
import {
  adjustmentsOf,
  completion,
  delta,
  deltasOf,
  errorOf,
  finishOf,
  openTrapBench,
  stream,
  type TrapBench,
} from '../support/trap-bench.ts';

const USER = { role: 'user', content: 'Hi' };
const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const call = (id: string, written = '{}'): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: written },
});
const calling = (...calls: readonly JsonObject[]): JsonObject => ({
  role: 'assistant',
  content: null,
  tool_calls: calls,
});
const result = (id: string, content = 'r'): JsonObject => ({ role: 'tool', tool_call_id: id, content });

let bench: TrapBench;
beforeAll(async () => {
  bench = await openTrapBench();
});
afterAll(() => bench.close());

describe('messages', () => {
  test('trap 11: two texts of one message are one to DeepSeek, with nothing between them, and it is said', async () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const asked = await bench.ask('deepseek-chat', { messages: [{ role: 'user', content }] });
    expect(asked.sent['messages']).toEqual([{ role: 'user', content: 'ab' }]);
    expect(adjustmentsOf(asked)).toMatchObject([{ param: 'messages[0].content', kind: 'rewritten' }]);
    const openai = await bench.ask('gpt-4o', { messages: [{ role: 'user', content }] });
    expect(openai.sent['messages']).toEqual([{ role: 'user', content }]);
  });

  test('trap 12: empty content of a user is refused', async () => {
    const asked = await bench.ask('gpt-4o', { messages: [{ role: 'user', content: [] }] });
    expect([asked.status, errorOf(asked)['param']]).toEqual([400, 'messages[0].content']);
  });

  test('trap 9 (DeepSeek): a conversation that ends with the assistant goes on from its words, at the beta address', async () => {
    const asked = await bench.ask('deepseek-chat', {
      messages: [USER, { role: 'assistant', content: 'The answer is (' }],
    });
    expect(asked.path).toBe('/beta/chat/completions');
    expect(asked.sent['messages']).toEqual([USER, { role: 'assistant', content: 'The answer is (', prefix: true }]);
    expect(adjustmentsOf(asked)).toMatchObject([{ param: 'messages[1].prefix', sent: true, kind: 'defaulted' }]);
  });

  test('trap 15: a thinking model gets an empty reasoning where the history has lost it, and its own where not', async () => {
    const messages = [USER, { ...calling(call('c')), x_unknown: 12.5 }, result('c')];
    const asked = await bench.ask('deepseek-v4-flash', { messages });
    expect(asked.sentText).toContain('"x_unknown":12.5,"reasoning_content":""}');
    expect(adjustmentsOf(asked)).toMatchObject([
      { param: 'messages[1].reasoning_content', sent: '', kind: 'defaulted' },
    ]);
    const kept = await bench.ask('deepseek-v4-flash', {
      messages: [USER, { ...calling(call('c')), reasoning_content: 'because' }, result('c')],
    });
    expect(kept.sent['messages']).toMatchObject([{}, { reasoning_content: 'because' }, {}]);
    expect(adjustmentsOf(kept)).toEqual([]);
    const off = await bench.ask('deepseek-v4-flash', { messages, reasoning_effort: 'none' });
    expect(off.sent['thinking']).toEqual({ type: 'disabled' });
    expect(off.sent['reasoning_effort']).toBeUndefined();
    expect(off.sentText).not.toContain('reasoning_content');
  });
});

describe('tools', () => {
  test('trap 18: a call without its result is refused by its id', async () => {
    const asked = await bench.ask('gpt-4o', { messages: [USER, calling(call('call-a')), USER] });
    expect([asked.status, errorOf(asked)['param']]).toEqual([400, 'messages[2]']);
    expect(errorOf(asked)['message']).toContain('call-a');
  });

  test('trap 19: a result of no call is refused by its id', async () => {
    const asked = await bench.ask('gpt-4o', { messages: [USER, result('call-z')] });
    expect([asked.status, errorOf(asked)['param']]).toEqual([400, 'messages[1].tool_call_id']);
    expect(errorOf(asked)['message']).toContain('call-z');
  });

  test('trap 22: an id of another provider stays as it is', async () => {
    const messages = [USER, calling(call('call/ü:1')), result('call/ü:1')];
    const asked = await bench.ask('gpt-4o', { messages });
    expect(asked.sent['messages']).toEqual(messages);
  });

  test('trap 25: calls that a vendor counts from 1 are counted from 0', async () => {
    const asked = await bench.ask(
      'other',
      { messages: [USER], tools: [TOOL], stream: true },
      stream(
        delta({ tool_calls: [{ index: 1, ...call('c1', '') }] }),
        delta({ tool_calls: [{ index: 1, function: { arguments: '{"a":1}' } }] }),
        delta({}, 'tool_calls'),
      ),
    );
    expect(deltasOf(asked).flatMap((piece) => piece['tool_calls'] ?? [])).toEqual([
      { index: 0, ...call('c1', '') },
      { index: 0, function: { arguments: '{"a":1}' } },
    ]);
    expect(finishOf(asked)).toEqual(['tool_calls']);
  });

  test('trap 26: a name that comes again, empty, is not told again', async () => {
    const search = { id: 'c1', type: 'function', function: { name: 'webSearchTool', arguments: '' } };
    const piece = {
      type: 'function',
      function: { name: '', arguments: '{"query": "current Berlin weather"}' },
      index: 0,
    };
    const asked = await bench.ask(
      'other',
      { messages: [USER], tools: [TOOL], stream: true },
      stream(
        delta({ tool_calls: [{ ...search, index: 0 }] }),
        delta({ tool_calls: [piece] }),
        delta({ content: '' }, 'tool_calls'),
      ),
    );
    expect(deltasOf(asked).flatMap((part) => part['tool_calls'] ?? [])).toEqual([
      { ...search, index: 0 },
      { index: 0, function: { arguments: '{"query": "current Berlin weather"}' } },
    ]);
  });

  test('trap 27: arguments in the history that are no JSON pass where the protocol has them as text', async () => {
    const messages = [USER, calling(call('c', 'not JSON')), result('c')];
    for (const model of ['gpt-4o', 'deepseek-chat']) {
      expect((await bench.ask(model, { messages })).sent['messages']).toMatchObject(messages);
    }
  });

  test('trap 28: every digit of arguments is kept', async () => {
    const written = '{"id":12345678901234567890}';
    for (const model of ['gpt-4o', 'deepseek-chat']) {
      const asked = await bench.ask(
        model,
        { messages: [USER, calling(call('c', written)), result('c')], tools: [TOOL] },
        completion(calling(call('d', written)), 'tool_calls'),
      );
      expect(asked.sent['messages']).toMatchObject([{}, calling(call('c', written)), {}]);
      expect(asked.json['choices']).toMatchObject([{ message: calling(call('d', written)) }]);
    }
  });

  test('trap 30: a name twice is refused', async () => {
    const asked = await bench.ask('gpt-4o', { messages: [USER], tools: [TOOL, TOOL] });
    expect([asked.status, errorOf(asked)['param']]).toEqual([400, 'tools[1].function.name']);
  });

  test('trap 31: a choice among no tools is nothing, and a forced one is refused', async () => {
    const auto = await bench.ask('deepseek-chat', { messages: [USER], tools: [], tool_choice: 'auto' });
    expect(auto.status).toBe(200);
    const forced = await bench.ask('gpt-4o', { messages: [USER], tool_choice: 'required' });
    expect([forced.status, errorOf(forced)['param']]).toEqual([400, 'tool_choice']);
  });

  test('trap 34: arguments that end in the middle are delivered as they came, and the end is `length`', async () => {
    const asked = await bench.ask(
      'gpt-4o',
      { messages: [USER], tools: [TOOL], stream: true },
      stream(delta({ tool_calls: [{ index: 0, ...call('c1', '{"city": "Os') }] }), delta({}, 'length')),
    );
    expect(deltasOf(asked)[0]).toMatchObject({ tool_calls: [{ function: { arguments: '{"city": "Os' } }] });
    expect(finishOf(asked)).toEqual(['length']);
  });
});

describe('parameters', () => {
  test('trap 44: n keeps the indices of its choices, whole and streamed, and each has its own end', async () => {
    const choice = (index: number, content: string): JsonObject => ({
      index,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    });
    const whole = await bench.ask(
      'gpt-4o',
      { messages: [USER], n: 2 },
      completion({}, 'stop', { choices: [choice(0, 'a'), choice(1, 'b')] }),
    );
    expect(whole.json['choices']).toEqual([choice(0, 'a'), choice(1, 'b')]);
    const of = (index: number, content: JsonObject, finish: string | null): JsonObject => ({
      choices: [{ index, delta: content, finish_reason: finish }],
    });
    const streamed = await bench.ask(
      'gpt-4o',
      { messages: [USER], n: 2, stream: true },
      stream(
        delta({}, null, of(1, { content: 'b' }, null)),
        delta({}, null, of(0, { content: 'a' }, null)),
        delta({}, null, of(1, {}, 'length')),
        delta({}, null, of(0, {}, 'stop')),
      ),
    );
    expect(streamed.chunks.flatMap((chunk) => chunk['choices'])).toMatchObject([
      { index: 1, delta: { content: 'b' } },
      { index: 0, delta: { content: 'a' } },
      { index: 0, finish_reason: 'stop' },
      { index: 1, finish_reason: 'length' },
    ]);
    expect(streamed.chunks.at(-1)).toHaveProperty('candor');
    const refused = await bench.ask('claude', { messages: [USER], n: 2 });
    expect([refused.status, errorOf(refused)['param']]).toEqual([400, 'n']);
  });

  test.each([
    ['too few', completion({ content: 'a' })],
    ['too few in a stream', stream(delta({ content: 'a' }), delta({}, 'stop'))],
  ])('trap 44: %s choices are a failure', async (name, script) => {
    const asked = await bench.ask('gpt-4o', { messages: [USER], n: 2, stream: name.endsWith('stream') }, script);
    expect(errorOf(asked)['code']).toMatch(/^upstream_(?:invalid_answer|truncated)$/);
  });

  test('trap 50: a member nobody knows passes within the protocol and is noted, and is refused across', async () => {
    const passed = await bench.ask('gpt-4o', { messages: [USER], top_kk: 40 });
    expect(passed.sent['top_kk']).toBe(40);
    const record = await bench.gateway.record(passed.json['id'] as string);
    expect(record['attempts']).toMatchObject([{ flags: expect.arrayContaining(['unknown_field:top_kk']) as unknown }]);
    const refused = await bench.ask('claude', { messages: [USER], top_kk: 40 });
    expect([refused.status, errorOf(refused)['code'], errorOf(refused)['param']]).toEqual([
      400,
      'unsupported_parameter',
      'top_kk',
    ]);
  });
});

describe('functions, as the protocol first called tools', () => {
  const request = {
    messages: [
      USER,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      { role: 'function', name: 'f', content: null },
      USER,
    ],
    functions: [{ name: 'f', parameters: { type: 'object', maximum: 12345678901234567890n.toString() } }],
    function_call: { name: 'f' },
  };

  test('are tools to OpenAI, called one at a time, and the answer is in their form', async () => {
    const asked = await bench.ask('gpt-4o', request, completion(calling(call('c1', '{"b":2}')), 'tool_calls'));
    expect(asked.sent).toEqual({
      model: 'gpt-4o',
      messages: [
        USER,
        { role: 'assistant', content: null, tool_calls: [call('call_1', '{"a":1}')] },
        { role: 'tool', tool_call_id: 'call_1', content: '' },
        USER,
      ],
      tools: [{ type: 'function', function: request.functions[0] }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
    });
    expect(asked.json['choices']).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          function_call: { name: 'f', arguments: '{"b":2}' },
        },
        logprobs: null,
        finish_reason: 'function_call',
      },
    ]);
  });

  test('stream in their form too', async () => {
    const asked = await bench.ask(
      'deepseek-chat',
      { ...request, stream: true },
      stream(
        delta({ tool_calls: [{ index: 0, ...call('c1', '') }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: '{"b":2}' } }] }),
        delta({}, 'tool_calls'),
      ),
    );
    expect(asked.sent['parallel_tool_calls']).toBeUndefined();
    expect(deltasOf(asked)).toEqual([
      { role: 'assistant', content: '' },
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{"b":2}' } },
      {},
    ]);
    expect(finishOf(asked)).toEqual(['function_call']);
  });

  test('have no room for two calls', async () => {
    const asked = await bench.ask('deepseek-chat', request, completion(calling(call('c1'), call('c2')), 'tool_calls'));
    expect([asked.status, errorOf(asked)['code']]).toEqual([424, 'validation_failed']);
  });
});

describe('custom tools', () => {
  const CUSTOM = {
    type: 'custom',
    custom: { name: 'g', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } } },
  };
  const made = { id: 'c1', type: 'custom', custom: { name: 'g', input: 'aaa' } };

  test('pass to OpenAI and back, and leave every other candidate out by name', async () => {
    const messages = [USER, calling(made), result('c1')];
    const asked = await bench.ask('gpt-4o', { messages, tools: [CUSTOM] }, completion(calling(made), 'tool_calls'));
    expect(asked.sent).toMatchObject({ messages, tools: [CUSTOM] });
    expect(asked.json['choices']).toMatchObject([{ message: { tool_calls: [made] }, finish_reason: 'tool_calls' }]);
    for (const model of ['claude', 'gemini', 'deepseek-chat']) {
      const refused = await bench.ask(model, { messages: [USER], tools: [CUSTOM] });
      expect([refused.status, errorOf(refused)['param']]).toEqual([400, 'tools[0].type']);
    }
  });
});

describe('what other vendors wanted back', () => {
  test('is dropped, and each vendor is named', async () => {
    const extra = { google: { thought_signature: 'abc' }, somebody: { x: 1 } };
    const message = { role: 'assistant', content: 'a', reasoning_content: 'hm', extra_content: extra };
    const asked = await bench.ask('gpt-4o', { messages: [USER, message, USER] });
    expect(asked.sent['messages']).toEqual([USER, { role: 'assistant', content: 'a' }, USER]);
    expect(adjustmentsOf(asked).map(({ param, kind }) => [param, kind])).toEqual([
      ['messages[1].reasoning_content', 'dropped'],
      ['messages[1].extra_content.google', 'dropped'],
      ['messages[1].extra_content.somebody', 'dropped'],
    ]);
  });
});
