import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import type { JsonValue } from '../../core/json.ts';
import { encodeContents, type EncodedContents } from './contents.ts';

function encode(...messages: readonly JsonValue[]): EncodedContents {
  return encodeContents(decodeClientBody({ model: 'm', messages }).messages, false, 'google');
}

const call = (id: string, name: string): JsonValue => ({
  id,
  type: 'function',
  function: { name, arguments: '{"a":1}' },
});

describe('contents', () => {
  test('changes are told as made by the kind of provider that serves', () => {
    const { messages } = decodeClientBody({ model: 'm', messages: [{ role: 'user', name: 'ann', content: 'u' }] });
    expect(encodeContents(messages, false, 'vertex').adjustments).toMatchObject([
      { param: 'messages[0].name', kind: 'dropped', at: 'vertex' },
    ]);
  });

  test('system texts stand beside the conversation, apart and in order', () => {
    const { system, contents } = encode(
      { role: 'system', content: 's1' },
      { role: 'system', content: 's2' },
      { role: 'user', content: 'u' },
    );
    expect(system).toEqual([{ text: 's1' }, { text: 's2' }]);
    expect(contents).toEqual([{ role: 'user', parts: [{ text: 'u' }] }]);
  });

  test('the assistant is the model, and neighbours of one role are one content', () => {
    const { contents } = encode(
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
    );
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
      { role: 'model', parts: [{ text: 'c' }] },
    ]);
  });

  test('results are named by the call they answer', () => {
    const { contents, adjustments } = encode(
      { role: 'user', content: 'u' },
      { role: 'assistant', content: null, tool_calls: [call('c1', 'weather'), call('c2', 'time')] },
      { role: 'tool', tool_call_id: 'c1', content: 'sun', name: 'weather' },
      {
        role: 'tool',
        tool_call_id: 'c2',
        content: [
          { type: 'text', text: '12' },
          { type: 'text', text: '00' },
        ],
      },
    );
    expect(contents[1]?.parts).toEqual([
      { functionCall: { id: 'c1', name: 'weather', args: { a: 1 } } },
      { functionCall: { id: 'c2', name: 'time', args: { a: 1 } } },
    ]);
    expect(contents[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: 'c1', name: 'weather', response: { output: 'sun' } } },
        { functionResponse: { id: 'c2', name: 'time', response: { output: ['12', '00'] } } },
      ],
    });
    expect(adjustments).toEqual([]);
  });

  test('a result that calls itself otherwise is said to be renamed', () => {
    const { adjustments } = encode(
      { role: 'user', content: 'u' },
      { role: 'assistant', content: null, tool_calls: [call('c1', 'weather')] },
      { role: 'tool', tool_call_id: 'c1', content: 'sun', name: 'climate' },
    );
    expect(adjustments).toEqual([
      expect.objectContaining({ param: 'messages[2].name', asked: 'climate', kind: 'dropped' }),
    ]);
  });
});
