import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import type { JsonValue } from '../../core/json.ts';
import { encodeMessages, type EncodedMessages } from './messages.ts';

function encode(...messages: readonly JsonValue[]): EncodedMessages {
  return encodeMessages(decodeClientBody({ model: 'm', messages }).messages);
}

const text = (said: string): object => ({ type: 'text', text: said });
const call = (id: string): JsonValue => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
const result = (id: string, content: JsonValue = 'r'): JsonValue => ({ role: 'tool', tool_call_id: id, content });
const user = (content: JsonValue): JsonValue => ({ role: 'user', content });

describe('turns', () => {
  test('system texts stand beside the conversation, apart and in order', () => {
    const { system, messages } = encode(
      { role: 'system', content: 's1' },
      { role: 'developer', content: 's2' },
      user('u'),
    );
    expect(system).toEqual([text('s1'), text('s2')]);
    expect(messages).toEqual([{ role: 'user', content: [text('u')] }]);
  });

  test('neighbours of one role are one turn whose texts stay apart', () => {
    expect(encode(user('a'), user('b')).messages).toEqual([{ role: 'user', content: [text('a'), text('b')] }]);
  });

  test('an empty text is left out and said to be, and its neighbours meet', () => {
    const { messages, adjustments } = encode(user('a'), { role: 'assistant', content: '' }, user('b'));
    expect(messages).toEqual([{ role: 'user', content: [text('a'), text('b')] }]);
    expect(adjustments).toEqual([
      expect.objectContaining({ param: 'messages[1].content', asked: '', sent: null, kind: 'dropped' }),
    ]);
  });

  test('results come in the order of the calls, in one turn, before what the user says next', () => {
    const { messages } = encode(
      user('u'),
      { role: 'assistant', content: null, tool_calls: [call('c1'), call('c2')] },
      result('c2', 'second'),
      result('c1', 'first'),
      user('thanks'),
    );
    expect(messages[1]?.content.map((block) => block.type)).toEqual(['tool_use', 'tool_use']);
    expect(messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'c1', content: 'first' },
      { type: 'tool_result', tool_use_id: 'c2', content: 'second' },
      text('thanks'),
    ]);
  });
});

test('of a result that says nothing nothing is changed; an empty text among others goes, and is said to', () => {
  const used = { role: 'assistant', content: null, tool_calls: [call('c1')] };
  const empty = encode(user('u'), used, result('c1', ''));
  expect(empty.messages[2]?.content).toEqual([{ type: 'tool_result', tool_use_id: 'c1', content: '' }]);
  expect(empty.adjustments).toEqual([]);
  const mixed = encode(user('u'), used, result('c1', [text(''), text('r')] as unknown as JsonValue));
  expect(mixed.messages[2]?.content).toEqual([{ type: 'tool_result', tool_use_id: 'c1', content: [text('r')] }]);
  expect(mixed.adjustments.map(({ param }) => param)).toEqual(['messages[2].content[0]']);
});

describe('what the vendor does not take is said', () => {
  test('ids of another vendor, which stay the same throughout', () => {
    const { messages, adjustments } = encode(
      user('u'),
      { role: 'assistant', content: null, tool_calls: [call('call/ü:1')] },
      result('call/ü:1'),
    );
    const [use] = messages[1]?.content ?? [];
    const [answered] = messages[2]?.content ?? [];
    const id = (use as { id: string }).id;
    expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(answered).toMatchObject({ tool_use_id: id });
    expect(adjustments.map(({ param, kind, sent }) => ({ param, kind, sent }))).toEqual([
      { param: 'messages[1].tool_calls[0].id', kind: 'renamed', sent: id },
      { param: 'messages[2].tool_call_id', kind: 'renamed', sent: id },
    ]);
  });

  test.each<[string, JsonValue, string, string]>([
    ['a name', { role: 'user', content: 'u', name: 'ann' }, 'messages[0].name', 'dropped'],
    [
      'an image’s detail',
      user([{ type: 'image_url', image_url: { url: 'https://images.example/a.png', detail: 'low' } }]),
      'messages[0].content[0].image_url.detail',
      'dropped',
    ],
    [
      'a refusal beside the content',
      { role: 'assistant', content: 'a', refusal: 'no' },
      'messages[0].refusal',
      'rewritten',
    ],
    [
      'a refusal in the content',
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      'messages[0].content[0]',
      'rewritten',
    ],
    [
      'reasoning that is not signed',
      { role: 'assistant', content: 'a', reasoning_content: 'why' },
      'messages[0].reasoning_content',
      'dropped',
    ],
  ])('%s', (_name, message, param, kind) => {
    const { adjustments } = encode(message, user('u'));
    expect(adjustments.map((adjustment) => [adjustment.param, adjustment.kind])).toEqual([[param, kind]]);
  });
});
