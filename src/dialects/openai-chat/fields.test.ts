import { expect, test } from 'vitest';

import { decodeClientBody } from '../../../test/support/deployment.ts';
import { CHAT_FIELDS } from '../../../test/support/fields/openai-chat.ts';
import { leavesOf } from '../../../test/support/json-leaves.ts';
import type { JsonObject } from '../../core/json.ts';

const USER = { role: 'user', content: 'x' };
const BREAKPOINT = { prompt_cache_breakpoint: { mode: 'explicit' } };
const CALL = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
const CUSTOM_CALL = { id: 'd', type: 'custom', custom: { name: 'g', input: 'free' } };
const FUNCTION = {
  type: 'function',
  function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
};
const GRAMMAR = { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } };
const CUSTOM = { type: 'custom', custom: { name: 'g', description: 'd', format: GRAMMAR } };

/** Requests that have all published fields between them. */
const REQUESTS: readonly JsonObject[] = [
  {
    messages: [
      { role: 'developer', content: 'x', name: 'n' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'x', ...BREAKPOINT },
          { type: 'image_url', image_url: { url: 'https://images.example/a.png', detail: 'low' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          {
            type: 'file',
            file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf', file_id: 'file-1' },
          },
        ],
      },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }], refusal: 'no', audio: { id: 'a' } },
      { role: 'assistant', tool_calls: [CALL, CUSTOM_CALL] },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
      { role: 'tool', tool_call_id: 'd', content: 'r' },
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'r' },
    ],
    tools: [FUNCTION, CUSTOM],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
    },
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
    },
    audio: { format: 'wav', voice: 'alloy' },
    modalities: ['text'],
    moderation: { model: 'm', policy: { input: { mode: 'score' }, output: { mode: 'block' } } },
    web_search_options: {
      search_context_size: 'low',
      user_location: { type: 'approximate', approximate: { city: 'Oslo' } },
    },
    prediction: { type: 'content', content: [{ type: 'text', text: 'x' }] },
    metadata: { a: 'b' },
    logit_bias: { '5': 1 },
    prompt_cache_options: { mode: 'explicit', ttl: '30m' },
    prompt_cache_key: 'k',
    prompt_cache_retention: '24h',
    frequency_penalty: 0.1,
    presence_penalty: 0.1,
    logprobs: true,
    top_logprobs: 2,
    max_completion_tokens: 9,
    n: 2,
    parallel_tool_calls: true,
    reasoning_effort: 'low',
    safety_identifier: 's',
    seed: 1,
    service_tier: 'flex',
    stop: ['a'],
    store: true,
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: true },
    temperature: 0.5,
    top_p: 0.5,
    user: 'u',
    verbosity: 'low',
  },
  {
    messages: [USER],
    functions: [{ name: 'f', description: 'd', parameters: { type: 'object' } }],
    function_call: { name: 'f' },
    max_tokens: 9,
    stop: 'a',
    prediction: { type: 'content', content: 'x' },
  },
  { messages: [USER], tools: [FUNCTION], tool_choice: { type: 'function', function: { name: 'f' } } },
  { messages: [USER], tools: [CUSTOM], tool_choice: { type: 'custom', custom: { name: 'g' } } },
  { messages: [USER], tools: [FUNCTION], tool_choice: 'auto' },
  { messages: [USER], functions: [{ name: 'f' }], function_call: 'auto' },
];

/** The published field a leaf is of. */
function fieldOf(path: string): string | undefined {
  const general = path.replaceAll(/\[\d+\]/g, '[]');
  return Object.keys(CHAT_FIELDS).find((field) =>
    field.endsWith('…') ? general.startsWith(field.slice(0, -1)) : general === field,
  );
}

test('each published field is known, and no other stands in the list', () => {
  const seen = new Set<string>();
  for (const body of REQUESTS) {
    const request = { model: 'm', ...body };
    expect(decodeClientBody(request).unknownFields).toEqual([]);
    for (const [path] of leavesOf(request)) seen.add(fieldOf(path) ?? `not published: ${path}`);
  }
  expect([...seen].toSorted()).toEqual(Object.keys(CHAT_FIELDS).toSorted());
});
