import { expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { answer } from '../../test/support/judging.ts';
import { judgeRequest } from './judge-request.ts';

test('is what its own bytes say', () => {
  const image = { type: 'image_url', image_url: { url: 'https://images.example/1.png' } };
  const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{"q":"<b>"}' } };
  const asked = decodeClientBody({
    model: 'task',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'An invoice.' },
    ],
  });
  const request = judgeRequest('claude-haiku', 'It is kind.', asked, answer({ text: 'An invoice.' }));
  expect(request).toEqual(decodeClientBody(request.original.bytes.toString()));
  const text = request.messages[1]?.content[0];
  expect(text).toMatchObject({ type: 'text', text: expect.stringContaining('{"not_shown":"image"}') as string });
  expect(text).toMatchObject({ text: expect.stringContaining(String.raw`\u003cb>`) as string });
});
