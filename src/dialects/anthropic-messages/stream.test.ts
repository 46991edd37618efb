import { describe, expect, test } from 'vitest';

import { messageEvents, messageShape } from '../../../test/support/message-events.ts';
import type { Answer, AnswerPart } from '../../core/answer.ts';
import type { AnswerEnvelope } from '../../core/client-dialect.ts';
import { stringMember, type JsonObject } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';
import { decodeMessagesRequest } from './decode.ts';
import { anthropicMessagesDialect } from './encode.ts';

const REQUEST = decodeMessagesRequest({
  body: Buffer.from('{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]}'),
  headers: new Map(),
  pathParameter: '',
  explain: false,
});
const ANSWER: Answer = {
  model: 'gpt-4o-2024-08-06',
  text: 'hi',
  reasoning: null,
  refusal: null,
  toolCalls: [],
  extraContent: null,
  finishReason: 'stop',
  finishNative: 'stop',
  alternatives: [],
  embeddings: null,
  usage: {
    promptTokens: 10,
    completionTokens: 5,
    totalTokens: 15,
    cachedTokens: 4,
    cacheWriteTokens: null,
    reasoningTokens: 2,
    source: 'reported',
  },
  native: null,
  flags: [],
};
const ENVELOPE: AnswerEnvelope = {
  request: REQUEST,
  id: 'gen_1',
  createdSeconds: 1,
  provenance: null,
  costUsd: null,
  vendorBody: null,
};
const MODEL: AnswerPart = { type: 'model', model: 'gpt-4o-2024-08-06' };
const FINISH: AnswerPart = { type: 'finish', reason: 'stop', native: 'stop' };

/** The events that come of parts of another vendor's, each as its own event; the name of each must be its type. */
function relay(parts: readonly AnswerPart[], answer: Partial<Answer> = {}): readonly JsonObject[] {
  const stream = anthropicMessagesDialect.openStream({
    request: REQUEST,
    id: 'gen_1',
    createdSeconds: 1,
    sameProtocol: false,
    includeUsage: true,
  });
  const event = { name: null, data: '', plain: null };
  const bytes = parts.flatMap((part) => stream.encode({ parts: [part], native: {}, event }));
  return messageEvents(Buffer.concat([...bytes, stream.finish({ ...ANSWER, ...answer }, ENVELOPE)]).toString('utf8'));
}

describe('what comes of another vendor’s answer', () => {
  test('text is one block between the beginning and the end', () => {
    const events = relay([MODEL, { type: 'text', text: 'h' }, { type: 'text', text: 'i' }, FINISH]);
    expect(messageShape(events)).toEqual([
      'message_start',
      [0, { type: 'text', text: '', citations: null }],
      [0, { type: 'text_delta', text: 'h' }],
      [0, { type: 'text_delta', text: 'i' }],
      [0, 'stop'],
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({
      message: {
        id: 'gen_1',
        type: 'message',
        role: 'assistant',
        model: 'gpt-4o-2024-08-06',
        content: [],
        stop_reason: null,
      },
    });
    expect(events.at(-2)).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null },
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: null,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });
  });

  test('thinking is signed as nobody’s, and ends before the text begins', () => {
    const events = relay([MODEL, { type: 'reasoning', text: 'hm' }, { type: 'text', text: 'hi' }, FINISH]);
    expect(messageShape(events).slice(1, -2)).toEqual([
      [0, { type: 'thinking', thinking: '', signature: '' }],
      [0, { type: 'thinking_delta', thinking: 'hm' }],
      [0, { type: 'signature_delta', signature: 'candor:e30' }],
      [0, 'stop'],
      [1, { type: 'text', text: '', citations: null }],
      [1, { type: 'text_delta', text: 'hi' }],
      [1, 'stop'],
    ]);
  });

  test('tool calls are blocks one after the other; what the vendor wants back is sealed behind them', () => {
    const extra = { google: { thought_signature: 's' } };
    const events = relay(
      [
        MODEL,
        { type: 'tool-call-start', index: 0, id: 'c1', name: 'f' },
        { type: 'tool-call-arguments', index: 0, fragment: '{"a":' },
        { type: 'tool-call-arguments', index: 0, fragment: '1}' },
        { type: 'extra', toolCall: 0, content: extra },
        { type: 'tool-call-start', index: 1, id: 'c2', name: 'g' },
        { type: 'tool-call-arguments', index: 1, fragment: '{}' },
        { type: 'finish', reason: 'tool_calls', native: 'STOP' },
      ],
      { text: null, finishReason: 'tool_calls' },
    );
    expect(messageShape(events).slice(1, -2)).toEqual([
      [0, { type: 'tool_use', id: 'c1', name: 'f', input: {}, caller: { type: 'direct' } }],
      [0, { type: 'input_json_delta', partial_json: '{"a":' }],
      [0, { type: 'input_json_delta', partial_json: '1}' }],
      [0, 'stop'],
      [1, { type: 'tool_use', id: 'c2', name: 'g', input: {}, caller: { type: 'direct' } }],
      [1, { type: 'input_json_delta', partial_json: '{}' }],
      [1, 'stop'],
      [2, { type: 'thinking', thinking: '', signature: '' }],
      [2, { type: 'signature_delta', signature: sealExtra({ candor: { c1: extra } }) }],
      [2, 'stop'],
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  test('calls that a vendor tells in turns are blocks that end when they are whole', () => {
    const start = (index: number): AnswerPart => ({ type: 'tool-call-start', index, id: `c${index}`, name: 'f' });
    const piece = (index: number, fragment: string): AnswerPart => ({ type: 'tool-call-arguments', index, fragment });
    const told = [start(0), start(1), piece(0, '{"a":'), piece(1, '{"b":'), piece(0, '1}'), piece(1, '2}')];
    const events = relay([MODEL, ...told, { type: 'text', text: 'hi' }, FINISH], { finishReason: 'tool_calls' });
    const block = (index: number): JsonObject => ({
      id: `c${index}`,
      name: 'f',
      input: {},
      caller: { type: 'direct' },
    });
    expect(messageShape(events).slice(1, -2)).toEqual([
      [0, { type: 'tool_use', ...block(0) }],
      [1, { type: 'tool_use', ...block(1) }],
      [0, { type: 'input_json_delta', partial_json: '{"a":' }],
      [1, { type: 'input_json_delta', partial_json: '{"b":' }],
      [0, { type: 'input_json_delta', partial_json: '1}' }],
      [1, { type: 'input_json_delta', partial_json: '2}' }],
      [0, 'stop'],
      [1, 'stop'],
      [2, { type: 'text', text: '', citations: null }],
      [2, { type: 'text_delta', text: 'hi' }],
      [2, 'stop'],
    ]);
  });

  test('a call of a tool that was asked for by its name ends a turn of tools, though OpenAI says stop', () => {
    const call: AnswerPart = { type: 'tool-call-start', index: 0, id: 'c', name: 'f' };
    const events = relay([MODEL, call, FINISH], { text: null });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  test('an answer without content has a beginning and an end, and unknown counts are null', () => {
    const events = relay([MODEL, FINISH], { text: null, usage: null, finishReason: 'length' });
    expect(messageShape(events)).toEqual(['message_start', 'message_delta', 'message_stop']);
    expect(events[1]).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
      usage: { input_tokens: null, output_tokens: null, output_tokens_details: null },
    });
  });

  test('a refusal in words is told as the reason of the end', () => {
    const events = relay([MODEL, { type: 'refusal', text: 'no' }, FINISH], { text: null, refusal: 'no' });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', category: null, explanation: 'no' } },
    });
  });
});

describe('events of the same protocol', () => {
  const START = '{"type":"message_start","message":{"model":"claude","id":"msg_1","usage":{"input_tokens":1e1}}}';
  const BLOCK = '{"type":"content_block_start", "index":0,"content_block":{"type":"text","text":""}}';
  const END = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}';
  const STOP = '{"type":"message_stop"}';

  function pass(events: readonly (readonly [data: string, parts: readonly AnswerPart[]])[]): string {
    const stream = anthropicMessagesDialect.openStream({
      request: REQUEST,
      id: 'gen_1',
      createdSeconds: 1,
      sameProtocol: true,
      includeUsage: true,
    });
    const bytes = events.flatMap(([data, parts]) => {
      const native = JSON.parse(data) as JsonObject;
      return stream.encode({ parts, native, event: { name: stringMember(native, 'type'), data, plain: null } });
    });
    return Buffer.concat([...bytes, stream.finish(ANSWER, ENVELOPE)]).toString('utf8');
  }

  test('pass byte for byte but for the id, the end in its place', () => {
    const passed = pass([
      [START, [MODEL]],
      [START, []],
      [BLOCK, []],
      [END, [FINISH]],
      [STOP, []],
    ]);
    expect(passed).toBe(
      [START.replace('"msg_1"', '"gen_1"'), BLOCK, END, STOP]
        .map((data) => `event: ${(JSON.parse(data) as { type: string }).type}\ndata: ${data}\n\n`)
        .join(''),
    );
  });

  test('hold no member that is named like ours', () => {
    const fake = '"candor":{"served_by":"x"}';
    const passed = pass([
      [`{${fake},"type":"message_start","message":{"model":"claude","id":"msg_1",${fake}}}`, [MODEL]],
      [BLOCK.replace('{', `{${fake},`), []],
      [END.replace('{', `{${fake},`), [FINISH]],
      [STOP.replace('{', `{${fake},`), []],
    ]);
    expect(messageShape(messageEvents(passed))).toEqual([
      'message_start',
      [0, { type: 'text', text: '' }],
      'message_delta',
      'message_stop',
    ]);
    expect(passed).not.toContain('candor');
  });

  test('after a pause go on as one answer, with the counts of the whole', () => {
    const paused: AnswerPart = { type: 'finish', reason: 'stop', native: 'pause_turn', resume: [] };
    const events = messageEvents(
      pass([
        [START, [MODEL]],
        [BLOCK, []],
        [END.replace('end_turn', 'pause_turn'), [paused]],
        [STOP, []],
        [START, [MODEL]],
        [BLOCK, []],
        [END, [FINISH]],
        [STOP, []],
      ]),
    );
    expect(messageShape(events)).toEqual([
      'message_start',
      [0, { type: 'text', text: '' }],
      [1, { type: 'text', text: '' }],
      'message_delta',
      'message_stop',
    ]);
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } });
  });

  test('give way to an answer that was changed after it had come', () => {
    const stream = anthropicMessagesDialect.openStream({
      request: REQUEST,
      id: 'gen_1',
      createdSeconds: 1,
      sameProtocol: true,
      includeUsage: true,
    });
    const event = { name: null, data: '', plain: null };
    const bytes = stream.encode({ parts: [MODEL, { type: 'text', text: 'hi' }], native: null, event });
    const events = messageEvents(Buffer.concat([...bytes, stream.finish(ANSWER, ENVELOPE)]).toString('utf8'));
    expect(messageShape(events).slice(0, 3)).toEqual([
      'message_start',
      [0, { type: 'text', text: '', citations: null }],
      [0, { type: 'text_delta', text: 'hi' }],
    ]);
  });
});

test('a broken stream ends with an error, and no end of a message', () => {
  const stream = anthropicMessagesDialect.openStream({
    request: REQUEST,
    id: 'gen_1',
    createdSeconds: 1,
    sameProtocol: false,
    includeUsage: true,
  });
  const report = {
    status: 503,
    message: 'm',
    type: 'api_error',
    code: 'upstream_overloaded',
    param: null,
    candor: { id: 'gen_1' },
  };
  expect(messageEvents(stream.fail(report, null).toString('utf8'))).toEqual([
    {
      type: 'error',
      error: {
        type: 'overloaded_error',
        message: 'm',
        code: 'upstream_overloaded',
        param: null,
        candor: { id: 'gen_1' },
      },
      request_id: 'gen_1',
    },
  ]);
});

describe('a whole message', () => {
  const encode = (answer: Partial<Answer>): JsonObject =>
    JSON.parse(
      anthropicMessagesDialect.encodeAnswer({ ...ANSWER, ...answer }, ENVELOPE).toString('utf8'),
    ) as JsonObject;

  test.each([
    ['stop', [{ id: 'c', name: 'f', arguments: '{}' }], 'tool_use'],
    ['tool_calls', [], 'end_turn'],
    ['length', [{ id: 'c', name: 'f', arguments: '{"a' }], 'max_tokens'],
  ] as const)('that ended with %s and the calls %j ends with %s', (finishReason, toolCalls, reason) => {
    expect(encode({ finishReason, toolCalls })['stop_reason']).toBe(reason);
  });

  test('has an empty object where a call has no arguments', () => {
    const { content } = encode({ text: null, toolCalls: [{ id: 'c', name: 'f', arguments: '' }] });
    expect(content).toEqual([{ type: 'tool_use', id: 'c', name: 'f', caller: { type: 'direct' }, input: {} }]);
  });

  test('holds thinking, text and calls in that order', () => {
    expect(
      encode({
        reasoning: 'hm',
        toolCalls: [{ id: 'c', name: 'f', arguments: '{"a":1}' }],
        finishReason: 'tool_calls',
      }),
    ).toEqual({
      id: 'gen_1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-4o-2024-08-06',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'candor:e30' },
        { type: 'text', text: 'hi', citations: null },
        { type: 'tool_use', id: 'c', name: 'f', caller: { type: 'direct' }, input: { a: 1 } },
      ],
      container: null,
      diagnostics: null,
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: null,
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: null,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });
  });

  test('keeps the digits of arguments, and tells those that were cut as text', () => {
    const toolCalls = [
      { id: 'c', name: 'f', arguments: '{"id": 12345678901234567890}' },
      { id: 'd', name: 'f', arguments: '{"a":' },
    ];
    const text = anthropicMessagesDialect.encodeAnswer({ ...ANSWER, toolCalls }, ENVELOPE).toString('utf8');
    expect(text).toContain('"input":{"id": 12345678901234567890}}');
    expect(text).toContain('"input":"{\\"a\\":"}');
  });

  test('of the same protocol keeps its bytes but for the id', () => {
    const vendorBody = Buffer.from('{"type":"message", "id":"msg_1","content":[],"n":1.0}');
    const encoded = anthropicMessagesDialect.encodeAnswer(ANSWER, { ...ENVELOPE, vendorBody });
    expect(encoded.toString('utf8')).toBe('{"type":"message", "id":"gen_1","content":[],"n":1.0}');
  });
});
