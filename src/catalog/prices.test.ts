import { describe, expect, it } from 'vitest';

import type { Price } from '../core/price.ts';
import type { Usage } from '../core/usage.ts';
import { PRICE_TABLE } from './price-table.ts';
import { costOf, priceOf } from './prices.ts';

function usage(counts: Partial<Usage>): Usage {
  const promptTokens = counts.promptTokens ?? 0;
  const completionTokens = counts.completionTokens ?? 0;
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    cachedTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    source: 'reported',
    ...counts,
  };
}

function listPrice(kind: string, modelId: string): Price {
  const price = priceOf(kind, modelId);
  if (price === null) throw new Error(`no price for ${modelId}`);
  return price;
}

describe('priceOf', () => {
  it('knows exact names and dated snapshots of them', () => {
    expect(priceOf('openai', 'gpt-4o')?.inputUsdPerMillion).toBe(2.5);
    expect(priceOf('openai', 'gpt-4o-2024-08-06')?.inputUsdPerMillion).toBe(2.5);
    expect(priceOf('anthropic', 'claude-haiku-4-5-20251001')?.outputUsdPerMillion).toBe(5);
  });

  it('prefers the price of the snapshot itself', () => {
    expect(priceOf('openai', 'gpt-4o-2024-05-13')?.inputUsdPerMillion).toBe(5);
  });

  it.each([
    ['openai', 'gpt-4'],
    ['openai', 'gpt-4o-audio-preview'],
    ['openai', 'gpt-4o-2024-08'],
    ['openai', 'claude-opus-4-8'],
    ['anthropic', 'claude-opus'],
    ['google', 'gemini-2.5-flash-preview-09-2025'],
    ['deepseek', 'deepseek-v4-flash'],
    ['nobody', 'gpt-4o'],
    ['openai', '__proto__'],
    ['openai', ''],
  ])('has no price for %s %s', (kind, modelId) => {
    expect(priceOf(kind, modelId)).toBeNull();
  });

  it('prices each simulated model as the real one it stands for', () => {
    expect(priceOf('anthropic', 'sim-claude-opus')).toEqual(priceOf('anthropic', 'claude-opus-4-8'));
    expect(priceOf('google', 'sim-gemini-pro')).toEqual(priceOf('google', 'gemini-2.5-pro'));
    expect(priceOf('openai', 'sim-gpt-4')).toBeNull();
  });

  it('says page and date of every row, and names each model once', () => {
    for (const row of PRICE_TABLE) {
      expect(row.source).toMatch(/^[a-z.-]+\.(com|dev)\//);
      expect(row.asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
    const names = PRICE_TABLE.map((row) => `${row.kind}/${row.modelId}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('costOf', () => {
  it.each([
    ['openai', 'gpt-4o', usage({ promptTokens: 61, completionTokens: 24 }), 392_500],
    ['openai', 'gpt-4o', usage({ promptTokens: 1000, completionTokens: 100, cachedTokens: 400 }), 3_000_000],
    ['openai', 'gpt-4o-mini', usage({ promptTokens: 1, completionTokens: 1 }), 750],
    ['openai', 'gpt-5-nano', usage({ promptTokens: 1, cachedTokens: 1 }), 5],
    [
      'anthropic',
      'claude-opus-4-8',
      usage({ promptTokens: 1_000_000, cachedTokens: 500_000, cacheWriteTokens: 100_000 }),
      2_875_000_000,
    ],
    ['google', 'gemini-2.5-pro', usage({ promptTokens: 200_000, completionTokens: 10 }), 250_100_000],
    ['deepseek', 'deepseek-chat', usage({ promptTokens: 3, completionTokens: 7, cachedTokens: 1 }), 3528],
    ['openai', 'gpt-4o', usage({}), 0],
  ])('%s %s', (kind, modelId, tokens, nanoUsd) => {
    expect(costOf(tokens, listPrice(kind, modelId))).toBe(nanoUsd);
  });

  it('rounds half up once, after the sum', () => {
    const price: Price = {
      inputUsdPerMillion: 0.0375,
      outputUsdPerMillion: 0.0001,
      cachedInputUsdPerMillion: null,
      cacheWriteUsdPerMillion: null,
      promptTokensUpTo: null,
      asOf: '2026-01-01',
      source: 'test',
    };
    expect(costOf(usage({ promptTokens: 1 }), price)).toBe(38);
    expect(costOf(usage({ promptTokens: 2 }), price)).toBe(75);
    expect(costOf(usage({ completionTokens: 4 }), price)).toBe(0);
    expect(costOf(usage({ completionTokens: 5 }), price)).toBe(1);
  });

  it('is unknown where a price is', () => {
    const opus = { ...listPrice('anthropic', 'claude-opus-4-8'), cacheWriteUsdPerMillion: null };
    expect(costOf(usage({ promptTokens: 10, cacheWriteTokens: 0 }), opus)).toBe(50_000);
    expect(costOf(usage({ promptTokens: 10, cacheWriteTokens: 1 }), opus)).toBeNull();
    expect(costOf(usage({ promptTokens: 9, cachedTokens: 3 }), listPrice('openai', 'gpt-4o-2024-05-13'))).toBeNull();
    expect(costOf(usage({ promptTokens: 200_001 }), listPrice('google', 'gemini-2.5-pro'))).toBeNull();
  });

  it('is unknown where the counts contradict each other', () => {
    const price = listPrice('openai', 'gpt-4o');
    expect(costOf(usage({ promptTokens: 5, cachedTokens: 6 }), price)).toBeNull();
    expect(costOf(usage({ promptTokens: 5, completionTokens: -1 }), price)).toBeNull();
    expect(costOf(usage({ promptTokens: Number.NaN }), price)).toBeNull();
    expect(costOf(usage({ promptTokens: 1.5 }), price)).toBeNull();
  });
});
