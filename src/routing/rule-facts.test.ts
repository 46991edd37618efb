import { expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { ruleFacts } from './rule-facts.ts';

const ALL = { language: true };

test('of a plain request', () => {
  const request = decodeClientBody({ model: 'auto', messages: [{ role: 'user', content: 'Wie spät ist es?' }] });
  expect(ruleFacts(request, ALL)).toEqual({
    tags: {},
    metadata: {},
    tokens: Math.ceil(request.original.bytes.length / 4),
    tools: [],
    schema: false,
    stream: false,
    dialect: 'openai-chat',
    data: ['public'],
    prompt: 'Wie spät ist es?',
    language: 'de',
  });
  expect(ruleFacts(request, { language: false }).language).toBe('und');
});

test('of one with everything that a rule can read', () => {
  const parameters = { type: 'object', properties: {} };
  const request = decodeClientBody(
    {
      model: 'auto',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'answer' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'last,' },
            { type: 'text', text: 'in two parts' },
          ],
        },
      ],
      tools: [{ type: 'function', function: { name: 'search', parameters } }],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      metadata: { tier: 'gold' },
      stream: true,
    },
    { 'x-candor-tags': 'contract=yes' },
  );
  expect(ruleFacts(request, ALL)).toMatchObject({
    tags: { contract: 'yes' },
    metadata: { tier: 'gold' },
    tools: ['search'],
    schema: true,
    stream: true,
    prompt: 'last,\nin two parts',
  });
});

test('the prompt is cut to what a rule may read, and may be missing', () => {
  const long = decodeClientBody({ model: 'auto', messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
  expect(ruleFacts(long, ALL)).toMatchObject({ prompt: 'x'.repeat(8192) });
  const none = decodeClientBody({ model: 'auto', messages: [{ role: 'system', content: 'Be brief.' }] });
  expect(ruleFacts(none, ALL)).toMatchObject({ prompt: '', language: 'und' });
});
