import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import type { AssistantMessage, ExtraContent, Message } from '../../core/chat.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isFailure } from '../../core/failure.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessages } from './messages.ts';
import { MessageStreamDecoder } from './stream.ts';

const thinking = (said: string): JsonObject => ({ type: 'thinking', thinking: said, signature: `sig-${said}` });
const text = (said: string): JsonObject => ({ type: 'text', text: said });
const USE: JsonObject = { type: 'tool_use', id: 't1', name: 'f', input: {} };
const HIDDEN: JsonObject = { type: 'redacted_thinking', data: 'xyz' };

function decoded(content: readonly JsonValue[], stop = 'end_turn'): ExtraContent | null {
  const answer = decodeMessage({ model: 'm', content, stop_reason: stop, usage: {} });
  if (isFailure(answer)) throw new Error(answer.message);
  return answer.extraContent;
}

function streamed(content: readonly JsonObject[]): ExtraContent | null {
  const decoder = new MessageStreamDecoder();
  const parts = content.flatMap((block, index) => {
    const { thinking: said = '', signature = '', ...start } = block;
    const pieces = block['type'] === 'thinking' ? ['thinking_delta', 'signature_delta'] : [];
    const deltas = pieces.map((type) => ({
      type,
      ...(type === 'thinking_delta' ? { thinking: said } : { signature }),
    }));
    const opening = block['type'] === 'thinking' ? { ...start, thinking: '', signature: '' } : block;
    return [
      { type: 'content_block_start', index, content_block: opening },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  const events = [...parts, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} }];
  const extras = events.flatMap((event) => {
    const result = decoder.decode({ name: event.type, data: JSON.stringify(event), plain: null });
    if (isFailure(result)) throw new Error(result.message);
    return result.parts.flatMap((part) => (part.type === 'extra' ? [part.content] : []));
  });
  expect(extras.length).toBeLessThan(2);
  return extras[0] ?? null;
}

describe.each([
  ['whole', decoded],
  ['streamed', streamed],
])('an answer that comes %s', (_name, extraOf) => {
  test('gives its thinking as it was signed, in its order', () => {
    expect(extraOf([thinking('a'), HIDDEN, text('x')])).toEqual({
      anthropic: { thinking_blocks: [thinking('a'), HIDDEN] },
    });
  });

  test('says where it stood, unless that was in front', () => {
    expect(extraOf([thinking('a'), text('x'), thinking('b'), USE])).toEqual({
      anthropic: { thinking_blocks: [thinking('a'), thinking('b')], positions: [0, 2] },
    });
  });

  test('gives nothing where nothing is signed', () => {
    expect(extraOf([{ type: 'thinking', thinking: 'a', signature: '' }, text('x')])).toBeNull();
  });
});

function given(message: Partial<AssistantMessage>): { content: readonly JsonValue[]; dropped: readonly string[] } {
  const { messages } = decodeClientBody({
    model: 'm',
    messages: [
      { role: 'user', content: 'u' },
      {
        role: 'assistant',
        content: 'x',
        tool_calls: [{ id: 't1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 't1', content: 'r' },
    ],
  });
  const changed = messages.map((known): Message => (known.role === 'assistant' ? { ...known, ...message } : known));
  const encoded = encodeMessages(changed);
  expect(encoded.adjustments.every(({ kind }) => kind === 'dropped')).toBe(true);
  return { content: encoded.messages[1]?.content ?? [], dropped: encoded.adjustments.map(({ param }) => param) };
}

describe('a history', () => {
  test('has the vendor’s own thinking back where it stood', () => {
    const extraContent = { anthropic: { thinking_blocks: [thinking('a'), thinking('b')], positions: [0, 2] } };
    expect(given({ reasoning: 'ab', extraContent })).toEqual({
      content: [thinking('a'), text('x'), thinking('b'), USE],
      dropped: [],
    });
  });

  test('has it in front where nobody said otherwise', () => {
    const extraContent = { anthropic: { thinking_blocks: [thinking('a'), HIDDEN] } };
    expect(given({ reasoning: 'a', extraContent }).content).toEqual([thinking('a'), HIDDEN, text('x'), USE]);
  });

  test('has nothing of what others signed, or nobody did', () => {
    const foreign = { google: { thought_signature: 's' } };
    const toolCalls = [{ id: 't1', name: 'f', arguments: '{}', extraContent: foreign }];
    expect(given({ reasoning: 'r', extraContent: { ...foreign, anthropic: {} }, toolCalls })).toEqual({
      content: [text('x'), USE],
      dropped: [
        'messages[1].extra_content.google',
        'messages[1].extra_content.anthropic',
        'messages[1].tool_calls[0].extra_content.google',
        'messages[1].reasoning_content',
      ],
    });
  });
});
