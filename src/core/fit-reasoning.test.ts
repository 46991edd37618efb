import { describe, expect, test } from 'vitest';

import { findModel } from '../catalog/models/find-model.ts';
import { anthropicCapabilities } from '../providers/anthropic/capabilities.ts';
import { deepSeekCapabilities } from '../providers/deepseek/capabilities.ts';
import { googleCapabilities } from '../providers/google/capabilities.ts';
import { openAiCapabilities } from '../providers/openai/capabilities.ts';
import { applyHints, type Capabilities } from './capabilities.ts';
import type { DialectId, Parameters } from './chat.ts';
import { fitReasoning, type ThinkingRequest } from './fit-reasoning.ts';
import type { JsonObject, JsonValue } from './json.ts';

const OPUS_4_6 = anthropicCapabilities('claude-opus-4-6');
const OPUS_4_7 = anthropicCapabilities('claude-opus-4-7');
const OPUS_5_5 = anthropicCapabilities('claude-opus-5-5');
const HAIKU = anthropicCapabilities('claude-haiku-4-5');
const GPT = openAiCapabilities('gpt-5.2');
const FLASH = googleCapabilities('gemini-2.5-flash');
const PRO_3 = googleCapabilities('gemini-3-pro');
const V4 = deepSeekCapabilities('deepseek-v4-flash');

function asked(dialect: DialectId = 'openai-chat'): ThinkingRequest {
  return { dialect, tools: [], toolChoice: null, messages: [] };
}

/** What is sent for the parameters, by dotted path, and what is said of them. */
function fitted(
  capabilities: Capabilities,
  parameters: Parameters,
  request = asked(),
): readonly [fields: JsonObject, said: readonly string[]] {
  const fit = fitReasoning(parameters, request, capabilities, 'vendor');
  const applied = applyHints(fit.parameters, capabilities, 'vendor', parameters);
  const said = [...fit.adjustments, ...applied.adjustments].map(({ kind, param }) => `${kind} ${param}`);
  return [Object.fromEntries(applied.fields), said];
}

const CONFIG = 'generationConfig.thinkingConfig';

describe('a budget of tokens', () => {
  test.each<[string, Capabilities, Parameters, JsonObject, readonly string[]]>([
    [
      'where there are budgets',
      HAIKU,
      { reasoning_budget: 2048 },
      { 'thinking.budget_tokens': 2048, 'thinking.type': 'enabled' },
      [],
    ],
    [
      'below the least',
      HAIKU,
      { reasoning_budget: 100 },
      { 'thinking.budget_tokens': 1024, 'thinking.type': 'enabled' },
      ['clamped reasoning_budget'],
    ],
    [
      'not below the output cap',
      HAIKU,
      { reasoning_budget: 8192, max_tokens: 8192 },
      { 'thinking.budget_tokens': 4096, 'thinking.type': 'enabled' },
      ['clamped reasoning_budget'],
    ],
    ['without room for one', HAIKU, { reasoning_budget: 8192, max_tokens: 1024 }, {}, ['dropped reasoning_budget']],
    [
      'beside a level, where both are taken',
      OPUS_4_6,
      { reasoning_budget: 2048, reasoning_effort: 'high' },
      { 'thinking.budget_tokens': 2048, 'thinking.type': 'enabled', 'output_config.effort': 'high' },
      [],
    ],
    [
      'where there are levels',
      OPUS_4_7,
      { reasoning_budget: 2048 },
      { 'output_config.effort': 'medium', 'thinking.type': 'adaptive' },
      ['rewritten reasoning_budget'],
    ],
    [
      'beside a level, where only levels are taken',
      OPUS_4_7,
      { reasoning_budget: 2048, reasoning_effort: 'low' },
      { 'output_config.effort': 'low', 'thinking.type': 'adaptive' },
      ['rewritten reasoning_budget'],
    ],
    ['for OpenAI', GPT, { reasoning_budget: 20_000 }, { reasoning_effort: 'high' }, ['rewritten reasoning_budget']],
    ['for DeepSeek', V4, { reasoning_budget: 900 }, { reasoning_effort: 'low' }, ['rewritten reasoning_budget']],
    [
      'beside a level, for OpenAI',
      GPT,
      { reasoning_budget: 900, reasoning_effort: 'high' },
      { reasoning_effort: 'high' },
      ['dropped reasoning_budget'],
    ],
    [
      'beside a level, for Gemini',
      FLASH,
      { reasoning_budget: 900, reasoning_effort: 'high' },
      { [`${CONFIG}.thinkingBudget`]: 900 },
      ['dropped reasoning_effort'],
    ],
  ])('%s', (_name, capabilities, parameters, fields, said) => {
    expect(fitted(capabilities, parameters)).toEqual([fields, said]);
  });
});

describe('no thinking', () => {
  test.each<[string, Capabilities, JsonObject, readonly string[]]>([
    ['Claude', HAIKU, { 'thinking.type': 'disabled' }, []],
    ['Claude by levels', OPUS_4_7, { 'thinking.type': 'disabled' }, []],
    [
      'a Claude that always thinks',
      OPUS_5_5,
      { 'output_config.effort': 'low', 'thinking.type': 'adaptive' },
      ['rewritten reasoning_budget'],
    ],
    ['Gemini', FLASH, { [`${CONFIG}.thinkingBudget`]: 0 }, []],
    ['OpenAI', GPT, { reasoning_effort: 'none' }, []],
    ['DeepSeek, which has a switch of its own', V4, {}, []],
  ])('at %s', (_name, capabilities, fields, said) => {
    expect(fitted(capabilities, { reasoning_budget: 0 })).toEqual([fields, said]);
  });

  test('and a level: where they can stand together they do', () => {
    const parameters = { reasoning_budget: 0, reasoning_effort: 'high' };
    expect(fitted(OPUS_4_7, parameters, asked('anthropic-messages'))).toEqual([
      { 'output_config.effort': 'high', 'thinking.type': 'disabled' },
      [],
    ]);
    expect(fitted(GPT, parameters)).toEqual([{ reasoning_effort: 'none' }, ['dropped reasoning_effort']]);
  });
});

describe('a budget of the model’s choice', () => {
  test.each<[string, Capabilities, Parameters, JsonObject, readonly string[]]>([
    ['Claude that thinks adaptively', OPUS_4_7, {}, { 'thinking.type': 'adaptive' }, []],
    [
      'Claude by budgets',
      HAIKU,
      {},
      { 'thinking.budget_tokens': 8192, 'thinking.type': 'enabled' },
      ['rewritten reasoning_budget'],
    ],
    ['Gemini', FLASH, {}, { [`${CONFIG}.thinkingBudget`]: -1 }, []],
    ['OpenAI', GPT, {}, {}, ['dropped reasoning_budget']],
    ['OpenAI, beside a level', GPT, { reasoning_effort: 'high' }, { reasoning_effort: 'high' }, []],
  ])('at %s', (_name, capabilities, more, fields, said) => {
    expect(fitted(capabilities, { ...more, reasoning_budget: -1 })).toEqual([fields, said]);
  });
});

describe('what stands beside thinking', () => {
  test('sampling goes where a model cannot do both', () => {
    const parameters = { reasoning_budget: 2048, temperature: 0.5, top_k: 3 };
    expect(fitted(HAIKU, parameters)[1]).toEqual(['dropped temperature', 'dropped top_k']);
    expect(fitted(FLASH, parameters)[1]).toEqual([]);
    expect(fitted(HAIKU, { temperature: 0.5 })[0]).toEqual({ temperature: 0.5 });
  });

  test('a level alone is no thinking where that has a switch of its own', () => {
    const parameters = { reasoning_effort: 'high', temperature: 0.5 };
    expect(fitted(OPUS_4_6, parameters, asked('anthropic-messages'))[1]).toEqual([]);
    expect(fitted(OPUS_4_6, parameters)[1]).toEqual(['dropped temperature']);
  });

  test('thoughts are shown where there are any', () => {
    const shown: readonly [Capabilities, JsonValue | undefined, readonly string[]][] = [
      [OPUS_5_5, 'summarized', []],
      [OPUS_4_7, undefined, ['dropped include_thoughts']],
    ];
    for (const [capabilities, display, said] of shown) {
      const [fields, told] = fitted(capabilities, { include_thoughts: true });
      expect([fields['thinking.display'], told]).toEqual([display, said]);
    }
    expect(fitted(FLASH, { include_thoughts: true })[0]).toEqual({ [`${CONFIG}.includeThoughts`]: true });
    expect(fitted(PRO_3, { reasoning_summary: 'auto' })[0]).toEqual({ [`${CONFIG}.includeThoughts`]: true });
    expect(fitted(GPT, { include_thoughts: true })).toEqual([{}, ['dropped include_thoughts']]);
  });

  test('an answer that the client has begun leaves no room for thoughts', () => {
    const request = { ...asked(), messages: [{ role: 'assistant' }] } as unknown as ThinkingRequest;
    expect(fitted(HAIKU, { reasoning_budget: 2048 }, request)).toEqual([{}, ['dropped reasoning_budget']]);
  });
});

test('a model that does not think is not told to', () => {
  expect(findModel('openai', 'gpt-4o').reasoning).toBeNull();
  expect(fitted(openAiCapabilities('gpt-4o'), { reasoning_budget: 100, reasoning_effort: 'low' })).toEqual([
    {},
    ['dropped reasoning_budget', 'dropped reasoning_effort'],
  ]);
});
