import { expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { anthropicCapabilities } from '../providers/anthropic/capabilities.ts';
import { googleCapabilities } from '../providers/google/capabilities.ts';
import { openAiCapabilities } from '../providers/openai/capabilities.ts';
import type { ChatRequest } from '../core/chat.ts';
import { brokenLimits } from './limits.ts';

const GPT = openAiCapabilities('gpt-4o');
const CLAUDE = anthropicCapabilities('claude-opus-4-8');
const GEMINI = googleCapabilities('gemini-2.5-flash');

function showing(url: string): ChatRequest {
  const content = [{ type: 'image_url', image_url: { url } }];
  return decodeClientBody({ model: 'task', messages: [{ role: 'user', content }] });
}

test('a kind of image that a vendor does not read', () => {
  const gif = showing('data:image/gif;base64,AAAA');
  expect(brokenLimits(gif, CLAUDE)).toEqual([]);
  expect(brokenLimits(gif, GEMINI)).toMatchObject([
    { rule: 'media_type', need: 'messages[0].content[0]', have: expect.arrayContaining(['image/png']) as unknown },
  ]);
  // Of an address nobody knows the kind.
  expect(brokenLimits(showing('https://images.example/a.gif'), GEMINI)).toEqual([]);
});

test('what the vendor’s own protocol takes is its clients’ to know', () => {
  const gif = showing('data:image/gif;base64,AAAA');
  expect(brokenLimits({ ...gif, dialect: 'gemini-generate' }, GEMINI)).toEqual([]);
  expect(brokenLimits({ ...gif, dialect: 'anthropic-messages' }, GEMINI)).toMatchObject([{ rule: 'media_type' }]);
});

test('more stop sequences than a vendor takes', () => {
  const request = decodeClientBody({ model: 'task', messages: [{ role: 'user', content: 'x' }] });
  const stopping: ChatRequest = {
    ...request,
    dialect: 'gemini-generate',
    parameters: { stop: ['a', 'b', 'c', 'd', 'e'] },
    parameterPaths: { stop: 'generationConfig.stopSequences' },
  };
  expect(brokenLimits(stopping, GEMINI)).toEqual([]);
  expect(brokenLimits(stopping, GPT)).toMatchObject([
    { rule: 'stop_sequences', need: 'generationConfig.stopSequences', have: 4, evidence: GPT.source },
  ]);
});
