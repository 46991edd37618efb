import { describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Route } from '../../src/core/route.ts';
import { planned, type Planned } from '../support/planned-request.ts';

const USER = { role: 'user', content: 'Hi' };
const STRICT: Partial<Route> = { strict: true };

function ask(members: JsonObject, messages: readonly JsonValue[] = [USER]): JsonObject {
  return { model: 'task', messages, ...members };
}

function tool(name = 'f', more: JsonObject = {}): JsonObject {
  return { type: 'function', function: { name, parameters: { type: 'object', properties: {} }, ...more } };
}

function refusal(param: string, ...reasons: readonly string[]): Planned {
  return { refused: '400 unsupported_parameter', param, reasons };
}

/** The sent member at a dotted path. */
function sentAt(result: Planned, path: string): JsonValue | undefined {
  if (!('sent' in result)) throw new Error(`refused: ${result.refused} ${result.param}`);
  let value: JsonValue | undefined = result.sent;
  for (const key of path.split('.')) value = (value as JsonObject | undefined)?.[key];
  return value;
}

function saidOf(result: Planned): readonly string[] {
  if (!('said' in result)) throw new Error(`refused: ${result.refused} ${result.param}`);
  return result.said.filter((each) => !each.startsWith('defaulted max_tokens'));
}

describe('trap 10', () => {
  const named = ask({}, [{ ...USER, name: 'bob' }]);
  test.each(['anthropic/claude-opus-4-8', 'google/gemini-2.5-flash'])('trap 10: a name at %s', (target) => {
    expect(saidOf(planned(target, named))).toEqual(['dropped messages[0].name null']);
    expect(planned(target, named, STRICT)).toEqual(refusal('messages[0].name', 'message_names messages[0].name'));
  });
});

describe('trap 13', () => {
  const request = ask({}, [{ role: 'developer', content: 'Rule.' }, USER]);
  test.each<[string, string, JsonValue]>([
    ['anthropic/claude-opus-4-8', 'system', [{ type: 'text', text: 'Rule.' }]],
    ['google/gemini-2.5-flash', 'systemInstruction', { parts: [{ text: 'Rule.' }] }],
    ['deepseek/deepseek-chat', 'messages.0', { role: 'system', content: 'Rule.' }],
    ['openai/gpt-4o', 'messages.0', { role: 'developer', content: 'Rule.' }],
  ])('trap 13: the developer at %s', (target, path, value) => {
    expect(sentAt(planned(target, request), path)).toEqual(value);
  });

  test('trap 13: o1-mini takes no instructions, so it is not asked', () => {
    expect(planned('openai/o1-mini', request)).toEqual(refusal('messages[0].role', 'instructions messages[0].role'));
    expect(planned('openai/o1-mini', ask({}))).toMatchObject({ sent: { messages: [USER] } });
  });
});

test('trap 21: an image in a tool’s result goes where the model takes one', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const messages = [
    USER,
    { role: 'assistant', tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: [image] },
  ];
  const request = ask({ tools: [tool()] }, messages);
  const path = 'messages[2].content[0]';
  for (const target of ['openai/gpt-4o', 'google/gemini-2.5-flash']) {
    expect(planned(target, request)).toEqual(refusal(path, `image_in_tool_result ${path}`));
  }
  for (const target of ['anthropic/claude-opus-4-8', 'google/gemini-3-pro']) {
    expect(
      JSON.stringify(sentAt(planned(target, request), target.startsWith('google') ? 'contents' : 'messages')),
    ).toContain('AAAA');
  }
});

describe('tools', () => {
  const path = 'tools[0].function.name';
  test.each(['a.b', 'x'.repeat(70)])('trap 29: the name %s', (name) => {
    const request = ask({ tools: [tool(name)] });
    for (const target of ['anthropic/claude-opus-4-8', 'openai/gpt-4o', 'deepseek/deepseek-chat']) {
      expect(planned(target, request), target).toEqual(refusal(path, `tool_name ${path}`));
    }
    expect(sentAt(planned('google/gemini-2.5-flash', request), 'tools.0.functionDeclarations.0.name')).toBe(name);
  });

  test('trap 29: 129 characters are too many for everybody', () => {
    expect(planned('google/gemini-2.5-flash', ask({ tools: [tool('x'.repeat(129))] }))).toMatchObject({ param: path });
  });

  test('trap 29: a name in the history that a vendor cannot write leaves it out too', () => {
    const call = { id: 'c', type: 'function', function: { name: 'a.b', arguments: '{}' } };
    const messages = [
      USER,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'r' },
    ];
    const at = 'messages[1].tool_calls[0].function.name';
    expect(planned('anthropic/claude-opus-4-8', ask({}, messages))).toEqual(refusal(at, `tool_name ${at}`));
  });

  test('trap 30: two tools of one name', () => {
    expect(planned('openai/gpt-4o', ask({ tools: [tool(), tool()] }))).toMatchObject({
      refused: '400 param_out_of_range',
      param: 'tools[1].function.name',
    });
  });

  test.each(['openai/gpt-4o', 'anthropic/claude-opus-4-8', 'google/gemini-2.5-flash', 'deepseek/deepseek-chat'])(
    'trap 31: no tools and a free choice are nothing to %s',
    (target) => {
      const result = planned(target, ask({ tools: [], tool_choice: 'auto', parallel_tool_calls: false }));
      expect(saidOf(result)).toEqual([]);
      for (const member of ['tools', 'tool_choice', 'parallel_tool_calls', 'toolConfig']) {
        expect(sentAt(result, member), member).toBeUndefined();
      }
      expect(planned(target, ask({ tools: [], tool_choice: 'required' }))).toMatchObject({
        refused: '400 invalid_request',
        param: 'tool_choice',
      });
    },
  );

  test.each(['required', { type: 'function', function: { name: 'f' } }])('trap 32: a forced choice: %j', (choice) => {
    const request = ask({ tools: [tool()], tool_choice: choice });
    const rule = choice === 'required' ? 'tool_choice_required' : 'tool_choice_named';
    for (const model of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-1']) {
      expect(planned(`anthropic/${model}`, request), model).toEqual(refusal('tool_choice', `${rule} tool_choice`));
    }
    const type = choice === 'required' ? 'any' : 'tool';
    expect(sentAt(planned('anthropic/claude-opus-4-8', request), 'tool_choice.type')).toBe(type);
  });

  test('trap 32: a forced choice goes before thinking where a model cannot do both', () => {
    const request = ask({ tools: [tool()], tool_choice: 'required', reasoning_effort: 'high' });
    const result = planned('anthropic/claude-sonnet-4-6', request);
    expect(sentAt(result, 'tool_choice')).toEqual({ type: 'any' });
    expect(sentAt(result, 'thinking')).toBeUndefined();
    expect(saidOf(result)).toEqual(['dropped reasoning_effort null']);
  });

  test('trap 33: one call at a time', () => {
    const request = ask({ tools: [tool()], parallel_tool_calls: false });
    for (const target of ['google/gemini-2.5-flash', 'deepseek/deepseek-chat', 'openai/o3']) {
      const reason = 'single_tool_call parallel_tool_calls';
      expect(planned(target, request), target).toEqual(refusal('parallel_tool_calls', reason));
    }
    expect(sentAt(planned('openai/gpt-4o', request), 'parallel_tool_calls')).toBe(false);
    expect(sentAt(planned('anthropic/claude-opus-4-8', request), 'tool_choice')).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    });
  });

  test('a choice among some tools: only those are offered to vendors that cannot be told', () => {
    const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'b' } }] };
    const request = ask({
      tools: [tool('a'), tool('b')],
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    const claude = planned('anthropic/claude-opus-4-8', request);
    expect(sentAt(claude, 'tools')).toMatchObject([{ name: 'b' }]);
    expect(sentAt(claude, 'tool_choice')).toEqual({ type: 'any' });
    const deepseek = planned('deepseek/deepseek-chat', request);
    expect(sentAt(deepseek, 'tools')).toEqual([tool('b')]);
    expect(sentAt(deepseek, 'tool_choice')).toBe('required');
    for (const result of [claude, deepseek]) {
      expect(saidOf(result)).toEqual(['rewritten tools null', 'rewritten tool_choice null']);
    }
    expect(saidOf(planned('google/gemini-2.5-flash', request))).toEqual([]);
    expect(planned('anthropic/claude-opus-4-8', request, STRICT)).toEqual(
      refusal('tool_choice', 'allowed_tools tool_choice'),
    );
  });
});

describe('output caps', () => {
  test.each<[string, number]>([
    ['claude-opus-4-8', 128_000],
    ['claude-haiku-4-5', 64_000],
    ['claude-3-haiku', 4096],
    ['claude-next-9', 8192],
  ])('trap 39: no cap at %s is %i, and said to be', (model, cap) => {
    const result = planned(`anthropic/${model}`, ask({}));
    expect(result).toMatchObject({ sent: { max_tokens: cap }, said: [`defaulted max_tokens ${cap}`] });
  });

  test('trap 39: two caps are refused', () => {
    expect(planned('openai/gpt-4o', ask({ max_tokens: 100, max_completion_tokens: 200 }))).toMatchObject({
      refused: '400 invalid_request',
    });
  });

  test('a cap above what the model writes is clamped, and said', () => {
    const result = planned('openai/gpt-4o', ask({ max_tokens: 100_000 }));
    expect(sentAt(result, 'max_tokens')).toBe(16_384);
    expect(saidOf(result)).toEqual(['clamped max_tokens 16384']);
    // Of a model nobody listed it is not known.
    expect(saidOf(planned('openai/gpt-9', ask({ max_completion_tokens: 900_000 })))).toEqual([]);
  });
});

describe('sampling', () => {
  test('trap 41: a temperature above the vendor’s', () => {
    const request = ask({ temperature: 1.5 });
    expect(sentAt(planned('anthropic/claude-sonnet-4-5', request), 'temperature')).toBe(1);
    expect(saidOf(planned('anthropic/claude-sonnet-4-5', request))).toEqual(['clamped temperature 1']);
    expect(planned('anthropic/claude-sonnet-4-5', request, STRICT)).toEqual(
      refusal('temperature', 'params_strict temperature'),
    );
  });

  test('trap 41: a temperature for a model that takes none', () => {
    const request = ask({ temperature: 0.2 });
    expect(saidOf(planned('anthropic/claude-opus-5', request))).toEqual(['dropped temperature null']);
    expect(planned('anthropic/claude-opus-5', request, STRICT)).toEqual(
      refusal('temperature', 'params_strict temperature'),
    );
    const neutral = planned('anthropic/claude-opus-5', ask({ temperature: 1 }), STRICT);
    expect(sentAt(neutral, 'temperature')).toBeUndefined();
    expect(saidOf(neutral)).toEqual([]);
  });

  test('trap 41: a temperature for DeepSeek, thinking and not', () => {
    const request = ask({ temperature: 0.2 });
    expect(saidOf(planned('deepseek/deepseek-v4-flash', request))).toEqual(['dropped temperature null']);
    expect(planned('deepseek/deepseek-v4-flash', request, STRICT)).toMatchObject({ param: 'temperature' });
    const awake = planned('deepseek/deepseek-v4-flash', ask({ temperature: 0.2, reasoning_effort: 'none' }));
    expect(sentAt(awake, 'temperature')).toBe(0.2);
    expect(sentAt(awake, 'thinking')).toEqual({ type: 'disabled' });
    expect(saidOf(awake)).toEqual([]);
  });

  test('trap 42: temperature and top_p at a model that takes one', () => {
    const request = ask({ temperature: 0, top_p: 0.9 });
    const result = planned('anthropic/claude-sonnet-4-5', request);
    expect([sentAt(result, 'temperature'), sentAt(result, 'top_p')]).toEqual([0, undefined]);
    expect(saidOf(result)).toEqual(['dropped top_p null']);
    expect(planned('anthropic/claude-sonnet-4-5', request, STRICT)).toEqual(refusal('top_p', 'params_strict top_p'));
    expect(saidOf(planned('anthropic/claude-3-5-sonnet', request))).toEqual([]);
  });

  test('sampling where a model thinks by what it was asked', () => {
    const request = ask({ temperature: 0.3, reasoning_effort: 'high' });
    expect(saidOf(planned('openai/gpt-5.1', request))).toEqual(['dropped temperature null']);
    expect(sentAt(planned('openai/gpt-5.1', ask({ temperature: 0.3, reasoning_effort: 'none' })), 'temperature')).toBe(
      0.3,
    );
    expect(saidOf(planned('anthropic/claude-haiku-4-5', request))).toEqual([
      'rewritten reasoning_effort 24576',
      'dropped temperature null',
    ]);
  });
});

describe('other parameters', () => {
  test('trap 43: stop sequences', () => {
    const five = ['a', 'b', 'c', 'd', 'e'];
    expect(planned('openai/gpt-4o', ask({ stop: five }))).toMatchObject({
      refused: '400 param_out_of_range',
      param: 'stop',
    });
    expect(planned('openai/gpt-4o', ask({ stop: '' }))).toMatchObject({ refused: '400 param_out_of_range' });
    expect(planned('anthropic/claude-opus-4-8', ask({ stop: ['\n'] }))).toEqual(
      refusal('stop[0]', 'stop_white_space stop[0]'),
    );
    expect(sentAt(planned('google/gemini-2.5-flash', ask({ stop: ['\n'] })), 'generationConfig.stopSequences')).toEqual(
      ['\n'],
    );
    expect(planned('openai/gpt-5', ask({ stop: ['x'] }))).toEqual(refusal('stop', 'stop stop'));
  });

  test('trap 44: several answers', () => {
    for (const target of ['anthropic/claude-opus-4-8', 'deepseek/deepseek-chat', 'google/gemini-3-pro']) {
      expect(planned(target, ask({ n: 2 })), target).toEqual(refusal('n', 'multiple_choices n'));
      expect(saidOf(planned(target, ask({ n: 1 }))), target).toEqual([]);
    }
    expect(sentAt(planned('google/gemini-2.5-flash', ask({ n: 2 })), 'generationConfig.candidateCount')).toBe(2);
  });

  test('trap 45: logit_bias and seed', () => {
    for (const target of [
      'anthropic/claude-opus-4-8',
      'deepseek/deepseek-chat',
      'google/gemini-2.5-flash',
      'openai/o3',
    ]) {
      expect(planned(target, ask({ logit_bias: { '50256': -100 } })), target).toEqual(
        refusal('logit_bias', 'logit_bias logit_bias'),
      );
      expect(saidOf(planned(target, ask({ logit_bias: {} }))), target).toEqual([]);
    }
    expect(saidOf(planned('anthropic/claude-opus-4-8', ask({ seed: 7 })))).toEqual(['dropped seed null']);
    expect(planned('anthropic/claude-opus-4-8', ask({ seed: 7 }), STRICT)).toMatchObject({ param: 'seed' });
    expect(sentAt(planned('google/gemini-2.5-flash', ask({ seed: 7 })), 'generationConfig.seed')).toBe(7);
  });

  test('trap 46: logprobs', () => {
    for (const target of ['anthropic/claude-opus-4-8', 'openai/o3', 'google/gemini-2.5-flash']) {
      expect(planned(target, ask({ logprobs: true })), target).toEqual(refusal('logprobs', 'logprobs logprobs'));
    }
    expect(
      sentAt(planned('vertex/gemini-2.5-flash', ask({ logprobs: true })), 'generationConfig.responseLogprobs'),
    ).toBe(true);
  });

  test('trap 48: a service tier', () => {
    const reason = 'service_tier service_tier';
    for (const target of ['anthropic/claude-opus-4-8', 'deepseek/deepseek-chat', 'vertex/gemini-2.5-flash']) {
      expect(planned(target, ask({ service_tier: 'flex' })), target).toEqual(refusal('service_tier', reason));
    }
    const standard = ask({ service_tier: 'default' });
    expect(sentAt(planned('anthropic/claude-opus-4-8', standard), 'service_tier')).toBe('standard_only');
    expect(sentAt(planned('deepseek/deepseek-chat', standard), 'service_tier')).toBeUndefined();
    expect(sentAt(planned('google/gemini-2.5-flash', ask({ service_tier: 'flex' })), 'serviceTier')).toBe('flex');
    expect(sentAt(planned('openai/gpt-4o', standard), 'service_tier')).toBe('default');
  });

  test('trap 49: an answer that is to be stored', () => {
    for (const target of [
      'anthropic/claude-opus-4-8',
      'deepseek/deepseek-chat',
      'google/gemini-2.5-flash',
      'vertex/gemini-3-pro',
    ]) {
      expect(planned(target, ask({ store: true })), target).toEqual(refusal('store', 'store store'));
    }
    expect(sentAt(planned('openai/gpt-4o', ask({ store: true })), 'store')).toBe(true);
  });

  test('trap 50: a member nobody knows', () => {
    for (const target of ['anthropic/claude-opus-4-8', 'google/gemini-2.5-flash']) {
      expect(planned(target, ask({ top_k_: 40 })), target).toEqual(refusal('top_k_', 'unknown_fields top_k_'));
    }
    expect(sentAt(planned('openai/gpt-4o', ask({ top_k_: 40 })), 'top_k_')).toBe(40);
  });
});

describe('trap 47: how much to think', () => {
  /** A level as it is asked, the model, what is sent at a path, and what is said. */
  test.each<[string, string, string, JsonValue | undefined, readonly string[]]>([
    ['xhigh', 'anthropic/claude-opus-4-6', 'output_config.effort', 'high', ['clamped reasoning_effort "high"']],
    ['xhigh', 'anthropic/claude-opus-4-7', 'output_config.effort', 'xhigh', []],
    ['medium', 'anthropic/claude-opus-4-6', 'thinking', { type: 'adaptive' }, []],
    ['none', 'anthropic/claude-opus-4-8', 'thinking', { type: 'disabled' }, []],
    ['none', 'anthropic/claude-opus-5-5', 'output_config.effort', 'low', ['clamped reasoning_effort "low"']],
    ['none', 'anthropic/claude-haiku-4-5', 'thinking', { type: 'disabled' }, []],
    [
      'medium',
      'anthropic/claude-haiku-4-5',
      'thinking',
      { type: 'enabled', budget_tokens: 8192 },
      ['rewritten reasoning_effort 8192'],
    ],
    ['none', 'openai/o3', 'reasoning_effort', 'low', ['clamped reasoning_effort "low"']],
    ['minimal', 'openai/gpt-5.1', 'reasoning_effort', 'low', ['clamped reasoning_effort "low"']],
    ['high', 'openai/gpt-4o', 'reasoning_effort', undefined, ['dropped reasoning_effort null']],
    ['medium', 'deepseek/deepseek-reasoner', 'reasoning_effort', 'high', ['clamped reasoning_effort "high"']],
    ['none', 'google/gemini-2.5-flash', 'generationConfig.thinkingConfig.thinkingBudget', 0, []],
    [
      'none',
      'google/gemini-2.5-pro',
      'generationConfig.thinkingConfig.thinkingBudget',
      512,
      ['clamped reasoning_effort 512'],
    ],
    ['high', 'google/gemini-3-pro', 'generationConfig.thinkingConfig.thinkingLevel', 'HIGH', []],
  ])('trap 47: %s at %s', (level, target, path, value, said) => {
    const request = ask({ reasoning_effort: level });
    const result = planned(target, request);
    expect(sentAt(result, path)).toEqual(value);
    expect(saidOf(result)).toEqual(said);
    // What would be changed is refused where parameters bind.
    const strict = planned(target, request, STRICT);
    if (said.length === 0) expect(strict).toMatchObject({ sent: {} });
    else expect(strict).toEqual(refusal('reasoning_effort', 'params_strict reasoning_effort'));
  });

  test('trap 47: a budget that the output cap leaves no room for', () => {
    const small = planned('anthropic/claude-haiku-4-5', ask({ reasoning_effort: 'high', max_tokens: 500 }));
    expect(sentAt(small, 'thinking')).toBeUndefined();
    expect(saidOf(small)).toEqual(['dropped reasoning_effort null']);
    const half = planned('anthropic/claude-haiku-4-5', ask({ reasoning_effort: 'high', max_tokens: 10_000 }));
    expect(sentAt(half, 'thinking.budget_tokens')).toBe(5000);
  });
});
