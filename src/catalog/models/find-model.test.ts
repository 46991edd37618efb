import { describe, expect, test } from 'vitest';

import { findModel, isSameModel, type MODELS } from './find-model.ts';

describe('a model is found', () => {
  test.each<[keyof typeof MODELS, string, number | null]>([
    ['openai', 'gpt-4o', 128_000],
    ['openai', 'gpt-4o-2024-08-06', 128_000],
    ['openai', 'ft:gpt-4.1-mini-2025-04-14:org::b7R9', 1_047_576],
    ['openai', 'gpt-4-0613', 8192],
    ['openai', 'gpt-3.5-turbo-0125', 16_385],
    ['anthropic', 'claude-haiku-4-5-20251001', 200_000],
    ['anthropic', 'claude-opus-4-8', 1_000_000],
    ['vertex', 'gemini-2.5-flash-preview-09-2025', 1_048_576],
    ['google', 'models/gemini-2.0-flash-001', 1_048_576],
    ['deepseek', 'deepseek-v4-pro', 1_048_565],
  ])('at %s: %s', (kind, modelId, contextTokens) => {
    const model = findModel(kind, modelId);
    expect(model.contextTokens).toBe(contextTokens);
    expect(model.source).not.toContain('family rule');
  });

  test.each<[keyof typeof MODELS, string]>([
    ['openai', 'gpt-9'],
    ['openai', 'o7'],
    ['openai', 'house-model'],
    ['anthropic', 'claude-next-9'],
    ['anthropic', 'claude-2.1'],
    ['google', 'gemini-9-pro'],
    ['google', 'learnlm-x'],
    ['deepseek', 'deepseek-v9'],
  ])('by the rule of its family, which is said, at %s: %s', (kind, modelId) => {
    const model = findModel(kind, modelId);
    expect(model.source).toMatch(/^family rule \(.+\), 2026-/);
    // Nothing unknown is read as favourable.
    expect([model.contextTokens, model.outputTokens]).toEqual([null, null]);
    expect(model.has).not.toContain('assistant_prefill');
    expect(model.has).not.toContain('logprobs');
  });

  test.each(['house-model', 'gpt-4-32k', 'davinci-002'])(
    'of %s no more is taken for granted than text and tools',
    (id) => {
      const { has, lacks } = findModel('openai', id);
      expect(has).toEqual([]);
      expect(lacks).toContain('json_schema');
    },
  );

  test('what another provider of the same models takes is its own', () => {
    expect(findModel('google', 'gemini-2.5-pro').sampling.penalties).toBe(false);
    expect(findModel('vertex', 'gemini-2.5-pro').sampling.penalties).toBe(true);
  });
});

describe('who served', () => {
  test.each([
    ['gpt-4o', 'gpt-4o-2024-08-06'],
    ['claude-haiku-4-5', 'claude-haiku-4-5-20251001'],
    ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
    ['gemini-2.0-flash', 'gemini-2.0-flash-001'],
    ['gpt-4o', 'sim-gpt-4o'],
    ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['gpt-4o-2024-08-06', 'gpt-4o-2024-08-06'],
    ['gpt-3.5-turbo', 'gpt-3.5-turbo-0125'],
    ['gemini-2.5-flash-preview', 'gemini-2.5-flash-preview-09-2025'],
    ['ft:gpt-4o-2024-08-06:org::b7R9', 'ft:gpt-4o-2024-08-06:org::b7R9'],
  ])('%s as %s is who was asked', (asked, reported) => {
    expect(isSameModel(asked, reported)).toBe(true);
  });

  test.each([
    ['deepseek-reasoner', 'deepseek-v4-flash'],
    ['gpt-4o', 'gpt-4o-mini-2024-07-18'],
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-08-06'],
    ['gpt-4o-2024-05-13', 'gpt-4o'],
    ['gemini-flash-latest', 'gemini-3.8-flash'],
    ['claude-opus-4-5', 'claude-opus-4-5-fast'],
    ['o1', 'o1-preview'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-preview-09-2025'],
    ['ft:gpt-4o:org::b7R9', 'gpt-4o-2024-08-06'],
    ['ft:gpt-4o:org::b7R9', 'ft:gpt-4o:org::c1X2'],
    ['gpt-4o', 'ft:gpt-4o:org::b7R9'],
  ])('%s as %s is another', (asked, reported) => {
    expect(isSameModel(asked, reported)).toBe(false);
  });
});
