import { describe, expect, test } from 'vitest';

import type { ChatRequest } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';
import { decodeMessagesRequest } from './decode.ts';

const ASK = { model: 'claude', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };

function decode(members: JsonObject | string, headers: Readonly<Record<string, string>> = {}): ChatRequest {
  const body = Buffer.from(typeof members === 'string' ? members : JSON.stringify({ ...ASK, ...members }));
  return decodeMessagesRequest({
    body,
    headers: new Map(Object.entries(headers)),
    pathParameter: '',
    explain: false,
  });
}

function refusal(members: JsonObject | string): { code: string; param: string | null } {
  try {
    decode(members);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error('the request was not refused');
}

const messages = (...list: readonly JsonValue[]): JsonObject => ({ messages: list });
const user = (...content: readonly JsonValue[]): JsonValue => ({ role: 'user', content });
const assistant = (...content: readonly JsonValue[]): JsonValue => ({ role: 'assistant', content });
const USE = { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } };
const RESULT = { type: 'tool_result', tool_use_id: 't1', content: 'r' };

describe('each member is', () => {
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['the cap', {}, { max_tokens: 100 }, {}],
    [
      'sampling',
      { temperature: 0.5, top_p: 0.9, top_k: 40 },
      { max_tokens: 100, temperature: 0.5, top_p: 0.9, top_k: 40 },
      {},
    ],
    ['stop', { stop_sequences: ['a', 'b'] }, { max_tokens: 100, stop: ['a', 'b'] }, { stop: 'stop_sequences' }],
    ['no stop', { stop_sequences: [] }, { max_tokens: 100 }, {}],
    ['a user', { metadata: { user_id: 'u' } }, { max_tokens: 100, user: 'u' }, { user: 'metadata.user_id' }],
    [
      'a budget',
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      { max_tokens: 100, reasoning_budget: 2048 },
      { reasoning_budget: 'thinking.budget_tokens' },
    ],
    [
      'no thinking',
      { thinking: { type: 'disabled' } },
      { max_tokens: 100, reasoning_budget: 0 },
      { reasoning_budget: 'thinking.type' },
    ],
    [
      'the model’s own choice',
      { thinking: { type: 'adaptive', display: 'omitted' } },
      { max_tokens: 100, include_thoughts: false, reasoning_budget: -1 },
      { include_thoughts: 'thinking.display', reasoning_budget: 'thinking.type' },
    ],
    [
      'an effort',
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } },
      { max_tokens: 100, reasoning_effort: 'xhigh' },
      { reasoning_effort: 'output_config.effort' },
    ],
    ['the usual tier', { service_tier: 'auto' }, { max_tokens: 100 }, {}],
  ])('a parameter: %s', (_name, members, parameters, parameterPaths) => {
    const request = decode(members);
    expect(request).toMatchObject({ parameterPaths, unknownFields: [], protocolFields: [] });
    expect(request.parameters).toEqual(parameters);
  });

  test.each<[string, JsonObject, string]>([
    ['the cache of the whole', { cache_control: { type: 'ephemeral' } }, 'cache_control'],
    ['a container', { container: 'c' }, 'container'],
    ['a place', { inference_geo: 'us' }, 'inference_geo'],
    ['servers', { mcp_servers: [{ type: 'url' }] }, 'mcp_servers'],
    ['a tier', { service_tier: 'standard_only' }, 'service_tier'],
    ['a warm cache', { max_tokens: 0 }, 'max_tokens'],
    ['thinking between tools', { thinking: { type: 'between_tools' } }, 'thinking.type'],
    ['a tool of the vendor’s', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0]'],
    ['what a tool is cached by', { tools: [tool({ cache_control: { type: 'ephemeral' } })] }, 'tools[0].cache_control'],
    [
      'how long a block is cached',
      messages(user({ type: 'text', text: 't', cache_control: { type: 'ephemeral', ttl: '1h' } })),
      'messages[0].content[0].cache_control.ttl',
    ],
    [
      'citations',
      messages(
        user({
          type: 'document',
          source: { type: 'url', url: 'https://a.example/b.pdf' },
          citations: { enabled: true },
        }),
      ),
      'messages[0].content[0].citations',
    ],
    [
      'who calls',
      messages(assistant({ ...USE, caller: { type: 'code_execution_20260120', tool_id: 'x' } }), user(RESULT)),
      'messages[0].content[0].caller',
    ],
  ])('of this protocol only: %s', (_name, members, path) => {
    expect(decode(members)).toMatchObject({ protocolFields: [path], unknownFields: [] });
  });

  test.each<[string, JsonObject, string]>([
    ['at the top', { novelty: 1 }, 'novelty'],
    ['in metadata', { metadata: { team: 'x' } }, 'metadata.team'],
    ['in a message', messages({ role: 'user', content: 'x', name: 'ann' }), 'messages[0].name'],
    ['in a block', messages(user({ type: 'text', text: 'x', tone: 'low' })), 'messages[0].content[0].tone'],
    ['in a tool', { tools: [tool({ flavour: 1 })] }, 'tools[0].flavour'],
    [
      'in the format',
      { output_config: { format: { type: 'json_schema', schema: {}, name: 'n' } } },
      'output_config.format.name',
    ],
  ])('unknown %s', (_name, members, path) => {
    expect(decode(members)).toMatchObject({ unknownFields: [path], protocolFields: [] });
  });

  test('nothing, where it is null or what histories of the vendor repeat', () => {
    const request = decode({
      container: null,
      metadata: null,
      thinking: null,
      tools: [tool({ type: 'custom', cache_control: null, defer_loading: false })],
      ...messages(
        assistant(
          { type: 'text', text: 'x', citations: null },
          { ...USE, caller: { type: 'direct' }, toolset_name: null },
        ),
        user({ ...RESULT, cache_control: null }),
      ),
    });
    expect(request).toMatchObject({ unknownFields: [], protocolFields: [], parameters: { max_tokens: 100 } });
  });
});

function tool(members: JsonObject): JsonObject {
  return { name: 'f', input_schema: { type: 'object' }, ...members };
}

describe('the conversation', () => {
  test('system texts stand first, each at its path', () => {
    expect(decode({ system: 's' }).messages[0]).toMatchObject({
      role: 'system',
      path: 'system',
      content: [{ type: 'text', text: 's', path: 'system' }],
    });
    const blocks = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
    ];
    expect(decode({ system: blocks }).messages[0]?.content).toEqual([
      { type: 'text', text: 'a', path: 'system[0]' },
      { type: 'text', text: 'b', path: 'system[1]', cacheBreakpoint: true },
    ]);
  });

  test('a turn with results is the results, then what the user says', () => {
    const request = decode(
      messages(
        assistant(USE, { ...USE, id: 't2' }),
        user(
          { ...RESULT, is_error: true, cache_control: { type: 'ephemeral' } },
          { ...RESULT, tool_use_id: 't2' },
          {
            type: 'text',
            text: 'go on',
          },
        ),
      ),
    );
    expect(request.messages.map(({ role, path }) => [role, path])).toEqual([
      ['assistant', 'messages[0]'],
      ['tool', 'messages[1].content[0]'],
      ['tool', 'messages[1].content[1]'],
      ['user', 'messages[1]'],
    ]);
    expect(request.messages[1]).toMatchObject({
      toolCallId: 't1',
      isError: true,
      content: [{ type: 'text', text: 'r', path: 'messages[1].content[0].content', cacheBreakpoint: true }],
    });
    expect(request.messages[2]).not.toHaveProperty('isError');
    expect(request.messages[3]?.content).toEqual([{ type: 'text', text: 'go on', path: 'messages[1].content[2]' }]);
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'an image',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'AAAA' }, detail: null },
    ],
    [
      'an image by its address',
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' }, detail: null },
    ],
    [
      'a document',
      { type: 'document', title: 'd', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } },
      { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', base64: 'AAAA' }, filename: 'd' },
    ],
    [
      'a document of text',
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü' } },
      { type: 'file', source: { kind: 'data', mediaType: 'text/plain', base64: 'w7w=' }, filename: null },
    ],
    [
      'a file that lies at the vendor',
      { type: 'document', source: { type: 'file', file_id: 'f' } },
      { type: 'native', native: { type: 'document', source: { type: 'file', file_id: 'f' } } },
    ],
    [
      'a block of this protocol only',
      { type: 'search_result', source: 's', title: 't', content: [] },
      { type: 'native', native: { type: 'search_result', source: 's', title: 't', content: [] } },
    ],
  ])('%s', (_name, block, part) => {
    expect(decode(messages(user(block))).messages[0]?.content).toEqual([{ ...part, path: 'messages[0].content[0]' }]);
  });

  test('the digits of a tool’s input are those the client wrote', () => {
    const body = `{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"id": 12345678901234567890}}]},{"role":"user","content":[${JSON.stringify(RESULT)}]}]}`;
    expect(decode(body).messages[0]).toMatchObject({
      toolCalls: [{ id: 't1', name: 'f', arguments: '{"id": 12345678901234567890}' }],
    });
  });

  test('signed thinking is kept as it is, what was sealed for others is opened', () => {
    const own = { type: 'thinking', thinking: 'a', signature: 'EqMB' };
    const hidden = { type: 'redacted_thinking', data: 'xyz' };
    const signature = sealExtra({
      google: { thought_signature: 's' },
      candor: { t1: { google: { thought_signature: 'c' } } },
    });
    const sealed = { type: 'thinking', thinking: 'b', signature };
    expect(decode(messages(assistant(own, hidden, sealed, USE), user(RESULT))).messages[0]).toMatchObject({
      reasoning: 'ab',
      content: [],
      extraContent: { google: { thought_signature: 's' }, anthropic: { thinking_blocks: [own, hidden] } },
      toolCalls: [{ id: 't1', arguments: '{"a":1}', extraContent: { google: { thought_signature: 'c' } } }],
    });
  });
});

test.each<[string, JsonObject, string, string]>([
  ['no cap', { max_tokens: null }, 'invalid_type', 'max_tokens'],
  ['no messages', { messages: [] }, 'invalid_messages', 'messages'],
  ['no content', messages(user()), 'invalid_messages', 'messages[0].content'],
  ['another role', messages({ role: 'tool', content: 'x' }), 'param_out_of_range', 'messages[0].role'],
  [
    'an image over plain HTTP',
    messages(user({ type: 'image', source: { type: 'url', url: 'http://a.example/b' } })),
    'url_forbidden',
    'messages[0].content[0].source.url',
  ],
  [
    'an image of no kind',
    messages(user({ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'AAAA' } })),
    'param_out_of_range',
    'messages[0].content[0].source.media_type',
  ],
  [
    'what is not base64',
    messages(user({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '??' } })),
    'invalid_request',
    'messages[0].content[0].source.data',
  ],
  [
    'a call without a result',
    messages(assistant(USE), user({ type: 'text', text: 'x' })),
    'invalid_messages',
    'messages[1]',
  ],
  ['a call nobody answers', messages(assistant(USE)), 'invalid_messages', 'messages'],
  ['a result without a call', messages(user(RESULT)), 'invalid_messages', 'messages[0].content[0].tool_use_id'],
  [
    'a result behind a text',
    messages(assistant(USE), user({ type: 'text', text: 'x' }, RESULT)),
    'invalid_messages',
    'messages[1].content[1]',
  ],
  ['two tools of one name', { tools: [tool({}), tool({})] }, 'param_out_of_range', 'tools[1].name'],
  ['a tool without a schema', { tools: [{ name: 'f' }] }, 'invalid_type', 'tools[0].input_schema'],
  ['a forced tool where there is none', { tool_choice: { type: 'any' } }, 'invalid_request', 'tool_choice'],
  [
    'a tool nobody offers',
    { tools: [tool({})], tool_choice: { type: 'tool', name: 'g' } },
    'invalid_request',
    'tool_choice.name',
  ],
  ['an empty stop', { stop_sequences: ['a', ''] }, 'param_out_of_range', 'stop_sequences[1]'],
  ['too hot', { temperature: 1.5 }, 'param_out_of_range', 'temperature'],
  ['no such effort', { output_config: { effort: 'minimal' } }, 'param_out_of_range', 'output_config.effort'],
  ['a budget of nothing', { thinking: { type: 'enabled' } }, 'invalid_type', 'thinking.budget_tokens'],
  ['a destination', { api_base: 'https://a.example' }, 'forbidden_param', 'api_base'],
  [
    'an image as an instruction',
    { system: [{ type: 'image', source: { type: 'url', url: 'https://a.example/b' } }] },
    'invalid_messages',
    'system[0].type',
  ],
])('%s is refused by its name', (_name, members, code, param) => {
  expect(refusal(members)).toEqual({ code, param });
});

test('tools, their choice and the format of the answer', () => {
  const schema = { type: 'object', properties: {} };
  const request = decode({
    tools: [tool({ description: 'd', strict: true })],
    tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    output_config: { format: { type: 'json_schema', schema } },
  });
  expect(request).toMatchObject({
    tools: [{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
    toolChoice: { mode: 'named', name: 'f' },
    parameters: { parallel_tool_calls: false },
    parameterPaths: {
      parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
      response_format: 'output_config.format',
    },
    responseFormat: { type: 'json_schema', name: 'answer', schema, strict: null },
  });
  expect(decode({ tools: [tool({})], tool_choice: { type: 'any' } }).toolChoice).toEqual({ mode: 'required' });
  expect(
    decode({ output_config: { format: { type: 'json_schema', schema: { title: 'order' } } } }).responseFormat,
  ).toMatchObject({ name: 'order' });
});

test('the version of the API is read; a beta binds to the vendor that has it', () => {
  expect(decode({}, { 'anthropic-version': '2026-10-21' })).toMatchObject({
    protocolHeaders: { 'anthropic-version': '2026-10-21' },
    protocolFields: [],
  });
  expect(decode({}, { 'anthropic-beta': 'a-2026-01-01' })).toMatchObject({
    protocolHeaders: { 'anthropic-beta': 'a-2026-01-01' },
    protocolFields: ['anthropic-beta'],
  });
});
