import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { requirementsOf } from './requirements.ts';

const USER = { role: 'user', content: 'x' };
const TOOL = { type: 'function', function: { name: 'f' } };
const PIXEL = 'data:image/gif;base64,R0lG';

/** `feature param` of every need of a request. */
function needs(members: JsonObject, messages: readonly JsonValue[] = [USER]): readonly string[] {
  const request = decodeClientBody({ model: 'm', messages, ...members });
  const found = requirementsOf(request).map(({ feature, param }) => `${feature} ${param}`);
  // Each of these requests needs a model that chats; what else it needs is the question here.
  return found.filter((need) => need !== 'chat messages');
}

function calling(args: string): readonly JsonValue[] {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: args } };
  return [USER, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: 'r' }];
}

test('a plain request needs nothing', () => {
  expect(needs({})).toEqual([]);
});

describe('parameters', () => {
  test.each<[string, JsonValue, string]>([
    ['stop', ['END'], 'stop stop'],
    ['n', 2, 'multiple_choices n'],
    ['logprobs', true, 'logprobs logprobs'],
    ['top_logprobs', 3, 'logprobs top_logprobs'],
    ['logit_bias', { '5': 1 }, 'logit_bias logit_bias'],
    ['store', true, 'store store'],
    ['moderation', {}, 'moderation moderation'],
    ['modalities', ['text', 'audio'], 'audio_output modalities'],
    ['audio', { voice: 'x' }, 'audio_output audio'],
    ['web_search_options', {}, 'web_search web_search_options'],
    ['service_tier', 'priority', 'service_tier service_tier'],
    ['service_tier', 'default', 'service_tier service_tier'],
    ['top_k', 40, 'unknown_fields top_k'],
  ])('%s: %j', (name, value, need) => {
    expect(needs({ [name]: value })).toEqual([need]);
  });

  test.each<[string, JsonValue]>([
    ['n', 1],
    ['logprobs', false],
    ['logit_bias', {}],
    ['store', false],
    ['service_tier', 'auto'],
    ['modalities', ['text']],
    ['parallel_tool_calls', true],
    // There is no tool to call.
    ['parallel_tool_calls', false],
    ['stop', null],
    ['top_k', null],
    ['temperature', 0.3],
    ['max_tokens', 5],
    ['user', 'u'],
  ])('%s: %j needs nothing', (name, value) => {
    expect(needs({ [name]: value })).toEqual([]);
  });

  test('a stop sequence of nothing but white space is a need of its own', () => {
    expect(needs({ stop: ['END', ' \n'] })).toEqual(['stop stop', 'stop_white_space stop[1]']);
    expect(needs({ stop: '\n' })).toContain('stop_white_space stop');
  });
});

describe('tools', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['a tool', { tools: [TOOL] }, ['tools tools']],
    ['no tools', { tools: [], tool_choice: 'auto' }, []],
    ['any choice', { tools: [TOOL], tool_choice: 'auto' }, ['tools tools']],
    ['a forced call', { tools: [TOOL], tool_choice: 'required' }, ['tools tools', 'tool_choice_required tool_choice']],
    ['a named call', { tools: [TOOL], tool_choice: TOOL }, ['tools tools', 'tool_choice_named tool_choice']],
    [
      'strict',
      { tools: [{ ...TOOL, function: { name: 'f', strict: true } }] },
      ['tools tools', 'strict_tools tools[0].function.strict'],
    ],
    ['not strict', { tools: [{ ...TOOL, function: { name: 'f', strict: false } }] }, ['tools tools']],
    ['a member nobody knows', { tools: [{ ...TOOL, cache: true }] }, ['tools tools', 'unknown_fields tools[0].cache']],
  ])('%s', (_name, members, expected) => {
    expect(needs(members)).toEqual(expected);
  });

  test.each([
    ['{}', null],
    ['{"a": 1.50, "b": "12345678901234567890"}', null],
    ['{"id": 12345678901234567890}', 'exact_tool_arguments'],
    ['{"a": 123456.78901234567890123}', 'exact_tool_arguments'],
    ['{"a": -0}', 'exact_tool_arguments'],
    ['{"a": 1e400}', 'free_form_tool_arguments'],
    ['{"a": 1, "a": 2}', 'free_form_tool_arguments'],
    ['{"__proto__": 1}', 'free_form_tool_arguments'],
    ['[1]', 'free_form_tool_arguments'],
    ['', 'free_form_tool_arguments'],
    ['not JSON', 'free_form_tool_arguments'],
  ])('arguments %s need: %s', (args, feature) => {
    const path = 'messages[1].tool_calls[0].function.arguments';
    expect(needs({}, calling(args))).toEqual(feature === null ? [] : [`${feature} ${path}`]);
  });
});

test('arguments of twenty million characters are judged like short ones', () => {
  const long = JSON.stringify({ a: 'x'.repeat(20_000_000) });
  expect(needs({}, calling(long))).toEqual([]);
});

describe('numbers that would be written as others', () => {
  const text = (members: string): string => `{"model":"m","messages":[{"role":"user","content":"x"}],${members}}`;
  const schema = '{"type":"integer","maximum":9223372036854775807}';
  test.each<[string, string, readonly string[]]>([
    ['in a tool', `"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`, ['tools']],
    [
      'in a format',
      `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${schema}}}`,
      ['response_format'],
    ],
    ['in a map', '"logit_bias":{"5":0.12345678901234567890}', ['logit_bias']],
    ['in what nobody knows', '"odd":{"a":[9223372036854775807]}', ['odd']],
    ['in a hint', '"prompt_cache_options":{"ttl":9223372036854775807}', []],
    ['for Candor', '"candor":{"tags":{}},"seed":7', []],
  ])('%s', (_name, members, expected) => {
    const found = requirementsOf(decodeClientBody(text(members)));
    expect(found.filter(({ feature }) => feature === 'exact_numbers').map(({ param }) => param)).toEqual(expected);
  });
});

describe('formats', () => {
  const schema = { type: 'json_schema', json_schema: { name: 'n', schema: {} } };
  test.each<[string, JsonObject, readonly string[]]>([
    ['text', { response_format: { type: 'text' } }, []],
    ['an object', { response_format: { type: 'json_object' } }, ['json_object response_format']],
    ['a schema', { response_format: schema }, ['json_schema response_format']],
    [
      'a schema beside tools',
      { response_format: schema, tools: [TOOL] },
      ['tools tools', 'json_schema response_format', 'json_with_tools response_format'],
    ],
    [
      'a schema beside tools that must be called',
      { response_format: schema, tools: [TOOL], tool_choice: 'none' },
      [
        'tools tools',
        'json_schema response_format',
        'json_with_tools response_format',
        'json_with_tool_choice tool_choice',
      ],
    ],
    [
      'tools that are called one at a time',
      { tools: [TOOL], parallel_tool_calls: false },
      ['single_tool_call parallel_tool_calls', 'tools tools'],
    ],
  ])('%s', (_name, members, expected) => {
    expect(needs(members)).toEqual(expected);
  });
});

describe('messages', () => {
  const withPart = (part: JsonObject, role = 'user'): readonly JsonValue[] => [
    { role, content: [{ type: 'text', text: 'x' }, part] },
  ];
  const image = (url: string): JsonObject => ({ type: 'image_url', image_url: { url } });
  test.each<[string, readonly JsonValue[], readonly string[]]>([
    ['an image', withPart(image(PIXEL)), ['image_data messages[0].content[1]']],
    ['an image elsewhere', withPart(image('https://images.example/a.png')), ['image_url messages[0].content[1]']],
    [
      'sound',
      withPart({ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } }),
      ['audio_input messages[0].content[1]'],
    ],
    [
      'a file by its id',
      withPart({ type: 'file', file: { file_id: 'f' } }),
      ['protocol_fields messages[0].content[1]'],
    ],
    [
      'system first',
      [{ role: 'system', content: 's' }, { role: 'developer', content: 'd' }, USER],
      ['instructions messages[0].role'],
    ],
    [
      'system in between',
      [USER, { role: 'system', content: 's' }, USER],
      ['instructions messages[1].role', 'system_after_start messages[1].role'],
    ],
    [
      'system after an answer',
      [USER, { role: 'assistant', content: 'a' }, { role: 'system', content: 's' }, USER],
      [
        'instructions messages[2].role',
        'system_after_start messages[2].role',
        'system_after_assistant messages[2].role',
      ],
    ],
    [
      'system alone',
      [{ role: 'system', content: 's' }],
      ['instructions messages[0].role', 'starts_with_assistant messages'],
    ],
    ['assistant first', [{ role: 'assistant', content: 'a' }, USER], ['starts_with_assistant messages[0].role']],
    ['assistant last', [USER, { role: 'assistant', content: 'a' }], ['assistant_prefill messages[1].role']],
    ['a member nobody knows', [{ ...USER, mood: 'good' }], ['unknown_fields messages[0].mood']],
    ['a refusal of a user', [{ ...USER, refusal: 'no' }], ['unknown_fields messages[0].refusal']],
    ['names', [{ ...USER, name: 'ann' }], []],
  ])('%s', (_name, messages, expected) => {
    expect(needs({}, messages)).toEqual(expected);
  });

  test('an image in a tool’s result', () => {
    const [user, assistant] = calling('{}') as [JsonValue, JsonValue];
    const result = { role: 'tool', tool_call_id: 'c', content: [image(PIXEL)] };
    expect(needs({}, [user, assistant, result])).toEqual([
      'image_in_tool_result messages[2].content[0]',
      'image_data messages[2].content[0]',
    ]);
  });
});
