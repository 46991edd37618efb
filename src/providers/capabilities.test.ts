import { describe, expect, test } from 'vitest';

import { decodeClientBody, testDeployment, testRoute, taskTarget } from '../../test/support/deployment.ts';
import { fixture } from '../../test/support/provider-fixtures.ts';
import { type Feature } from '../core/capabilities.ts';
import { mappedValue } from '../core/hint-rule.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { adapt } from '../prompts/adapt.ts';
import { findEligible } from '../routing/eligible.ts';
import { PROVIDERS } from './registry.ts';
import type { Provider } from './provider.ts';

/** A request that needs a feature, where it does, and what of it must be found in the body that is sent. */
interface Need {
  /** As text where it is of what parsing would lose. */
  readonly request: JsonObject | string;
  readonly param: string;
  readonly sentinels: readonly string[];
}

const QUESTION = { role: 'user', content: 'sentinel-question' };
const PIXEL = 'data:image/png;base64,c2VudGluZWw=';
const SCHEMA = {
  type: 'object',
  properties: { sentinel_key: { type: 'string' } },
  required: ['sentinel_key'],
  additionalProperties: false,
};

function ask(members: JsonObject, messages: readonly JsonValue[] = [QUESTION]): JsonObject {
  return { model: 'any', messages, ...members };
}

function tool(strict?: boolean): JsonObject {
  const named = { name: 'sentinel_tool', parameters: SCHEMA };
  return { type: 'function', function: strict === undefined ? named : { ...named, strict } };
}

function calling(text: string, result: JsonValue = 'done'): readonly JsonValue[] {
  const call = { id: 'call_1', type: 'function', function: { name: 'sentinel_tool', arguments: text } };
  return [
    QUESTION,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_1', content: result },
  ];
}

function parameter(name: string, value: JsonValue, ...sentinels: readonly string[]): Need {
  return { request: ask({ [name]: value }), param: name, sentinels };
}

function part(type: string, value: JsonObject, sentinel: string): Need {
  const message = {
    role: 'user',
    content: [
      { type: 'text', text: 'look' },
      { type, [type]: value },
    ],
  };
  return { request: ask({}, [message]), param: 'messages[0].content[1]', sentinels: [sentinel] };
}

/** Needs that no request of this dialect has, or that each has. */
type Elsewhere = 'chat' | 'embeddings' | `embedding_${string}` | 'file_url' | 'tool_errors' | 'custom_tools';

const NEEDS: Readonly<Record<Exclude<Feature, Elsewhere>, Need>> = {
  tools: { request: ask({ tools: [tool()] }), param: 'tools', sentinels: ['sentinel_tool', 'sentinel_key'] },
  tool_choice_required: {
    request: ask({ tools: [tool()], tool_choice: 'required' }),
    param: 'tool_choice',
    sentinels: ['/"(required|any|ANY)"/'],
  },
  tool_choice_named: {
    request: ask({ tools: [tool()], tool_choice: { type: 'function', function: { name: 'sentinel_tool' } } }),
    param: 'tool_choice',
    sentinels: ['/"sentinel_tool".*"sentinel_tool"/'],
  },
  single_tool_call: {
    request: ask({ tools: [tool()], parallel_tool_calls: false }),
    param: 'parallel_tool_calls',
    sentinels: ['/"parallel_tool_calls":false|"disable_parallel_tool_use":true/'],
  },
  strict_tools: {
    request: ask({ tools: [tool(true)] }),
    param: 'tools[0].function.strict',
    sentinels: ['"strict":true'],
  },
  free_form_tool_arguments: {
    request: ask({ tools: [tool()] }, calling('sentinel, no JSON')),
    param: 'messages[1].tool_calls[0].function.arguments',
    sentinels: ['sentinel, no JSON'],
  },
  exact_tool_arguments: {
    request: ask({ tools: [tool()] }, calling('{"id": 12345678901234567890}')),
    param: 'messages[1].tool_calls[0].function.arguments',
    sentinels: ['12345678901234567890'],
  },
  json_object: {
    request: ask({ response_format: { type: 'json_object' } }),
    param: 'response_format',
    sentinels: ['/json/i'],
  },
  json_schema: {
    request: ask({
      response_format: { type: 'json_schema', json_schema: { name: 'sentinel_format', schema: SCHEMA } },
    }),
    param: 'response_format',
    sentinels: ['sentinel_format', 'sentinel_key'],
  },
  json_with_tools: {
    request: ask({
      tools: [tool()],
      response_format: { type: 'json_schema', json_schema: { name: 'sentinel_format', schema: SCHEMA } },
    }),
    param: 'response_format',
    sentinels: ['sentinel_tool'],
  },
  json_with_tool_choice: {
    request: ask({
      tools: [tool()],
      tool_choice: 'required',
      response_format: { type: 'json_schema', json_schema: { name: 'sentinel_format', schema: SCHEMA } },
    }),
    param: 'tool_choice',
    sentinels: ['sentinel_tool'],
  },
  stop: parameter('stop', ['sentinel-stop'], 'sentinel-stop'),
  stop_white_space: { request: ask({ stop: ['\n\n\t'] }), param: 'stop[0]', sentinels: ['\\n\\n\\t'] },
  multiple_choices: parameter('n', 3, '/"(n|candidateCount)":3/'),
  logprobs: parameter('logprobs', true, '/"(logprobs|responseLogprobs)":true/'),
  logit_bias: parameter('logit_bias', { '4242': -7 }, '"4242":-7'),
  store: parameter('store', true, '"store":true'),
  moderation: parameter('moderation', { model: 'sentinel-moderation' }, 'sentinel-moderation'),
  audio_output: parameter('modalities', ['text', 'audio'], '"audio"'),
  web_search: parameter('web_search_options', { search_context_size: 'sentinel' }, 'sentinel'),
  service_tier: parameter('service_tier', 'flex', 'flex'),
  image_data: part('image_url', { url: PIXEL }, 'c2VudGluZWw='),
  image_url: part('image_url', { url: 'https://images.example/sentinel.png' }, 'https://images.example/sentinel.png'),
  allowed_tools: {
    request: ask({
      tools: [tool()],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'sentinel_tool' } }] },
      },
    }),
    param: 'tool_choice',
    sentinels: ['/"sentinel_tool".*"sentinel_tool"/'],
  },
  audio_input: part('input_audio', { data: 'c2VudGluZWw=', format: 'wav' }, 'c2VudGluZWw='),
  file_input: part('file', { file_data: 'data:application/pdf;base64,c2VudGluZWw=' }, 'c2VudGluZWw='),
  protocol_fields: part('file', { file_id: 'sentinel-file' }, 'sentinel-file'),
  image_in_tool_result: {
    request: ask({ tools: [tool()] }, calling('{}', [{ type: 'image_url', image_url: { url: PIXEL } }])),
    param: 'messages[2].content[0]',
    sentinels: ['c2VudGluZWw='],
  },
  system_after_start: {
    request: ask({}, [QUESTION, { role: 'system', content: 'sentinel-late' }, QUESTION]),
    param: 'messages[1].role',
    sentinels: ['sentinel-late'],
  },
  system_after_assistant: {
    request: ask({}, [QUESTION, { role: 'assistant', content: 'so' }, { role: 'system', content: 'sentinel-late' }]),
    param: 'messages[2].role',
    sentinels: ['sentinel-late'],
  },
  instructions: {
    request: ask({}, [{ role: 'system', content: 'sentinel-rule' }, QUESTION]),
    param: 'messages[0].role',
    sentinels: ['sentinel-rule'],
  },
  starts_with_assistant: {
    request: ask({}, [{ role: 'assistant', content: 'sentinel-first' }, QUESTION]),
    param: 'messages[0].role',
    sentinels: ['sentinel-first'],
  },
  assistant_prefill: {
    request: ask({}, [QUESTION, { role: 'assistant', content: 'sentinel-prefix' }]),
    param: 'messages[1].role',
    sentinels: ['sentinel-prefix'],
  },
  message_names: {
    request: ask({}, [{ ...QUESTION, name: 'sentinel-name' }]),
    param: 'messages[0].name',
    sentinels: ['sentinel-name'],
  },
  image_detail: {
    request: ask({}, [{ role: 'user', content: [{ type: 'image_url', image_url: { url: PIXEL, detail: 'high' } }] }]),
    param: 'messages[0].content[0].image_url.detail',
    sentinels: ['"detail":"high"'],
  },
  exact_numbers: {
    request: JSON.stringify(ask({ tools: [tool()] })).replace('"string"', '"integer","maximum":9223372036854775807'),
    param: 'tools',
    sentinels: ['"maximum":9223372036854775807'],
  },
  reasoning_history: {
    request: ask({}, [QUESTION, { role: 'assistant', content: 'so', reasoning_content: 'sentinel-thought' }, QUESTION]),
    param: 'messages[1].reasoning_content',
    sentinels: ['sentinel-thought'],
  },
  empty_message: {
    request: ask({}, [{ role: 'user', content: '' }]),
    param: 'messages[0].content',
    sentinels: [],
  },
  unknown_fields: parameter('top_k_sentinel', 40, '"top_k_sentinel":40'),
};

const FEATURES = Object.keys(NEEDS) as (keyof typeof NEEDS)[];

describe.each([...PROVIDERS])('%s', (kind, provider) => {
  const { model } = fixture(kind, 'about.json') as unknown as { model: string };
  const { features, emulates, hints, protocol } = testDeployment(provider, model).capabilities;
  // Every request here is of OpenAI's dialect.
  const has = (feature: Feature): boolean =>
    (features.has(feature) && (protocol === 'openai-chat' || !OF_OWN_PROTOCOL.includes(feature))) ||
    (feature === 'service_tier' && mappedValue(hints['service_tier'], 'flex') !== undefined);

  test.each(FEATURES.filter(has))('sends what %s needs', (feature) => {
    const { request, sentinels } = NEEDS[feature];
    const { candidates, excluded } = plan(provider, model, feature);
    expect(excluded).toEqual([]);
    const [deployment] = candidates;
    if (deployment === undefined) throw new Error('nobody is left');
    const decoded = decodeClientBody(request);
    const body = provider.encode(adapt(decoded, deployment, null, null), deployment).body.toString('utf8');
    for (const sentinel of sentinels) expect(body).toMatch(expression(sentinel));
  });

  test.each(FEATURES.filter((feature) => !has(feature)))('is left out where %s is needed', (feature) => {
    const { param } = NEEDS[feature];
    const { candidates, excluded } = plan(provider, model, feature);
    if (feature === 'json_object' || feature === 'json_schema' || feature === 'allowed_tools') {
      expect(emulates.has(feature)).toBe(candidates.length === 1);
      if (candidates.length === 1) return;
    }
    expect(candidates).toEqual([]);
    expect(excluded[0]?.reasons).toContainEqual(
      expect.objectContaining({ rule: feature, need: param, evidence: provider.capabilities(model).source }),
    );
  });

  test('emulates a JSON object only where the vendor has none', () => {
    expect(emulates.has('json_object')).toBe(!features.has('json_object'));
  });
});

/** What only a client of the vendor's own protocol can ask for. */
const OF_OWN_PROTOCOL: readonly Feature[] = ['unknown_fields', 'protocol_fields', 'exact_numbers'];

/** Hints are needs under `params: strict` only. */
const HINTS: readonly Feature[] = ['message_names', 'image_detail', 'reasoning_history'];

function plan(provider: Provider, model: string, feature: keyof typeof NEEDS): ReturnType<typeof findEligible> {
  const deployment = testDeployment(provider, model);
  const route = testRoute([deployment], { strict: HINTS.includes(feature) });
  return findEligible(decodeClientBody(NEEDS[feature].request), taskTarget(route, [deployment]));
}

/** A sentinel between slashes is a regular expression. */
function expression(sentinel: string): RegExp {
  const pattern = /^\/(.*)\/(i?)$/.exec(sentinel);
  return pattern === null
    ? new RegExp(sentinel.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    : new RegExp(pattern[1] ?? '', pattern[2]);
}
