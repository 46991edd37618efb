import { describe, expect, it } from 'vitest';

import { flatPrice, Price, type PriceTerms, type Rates } from '../core/price.ts';
import type { Usage } from '../core/usage.ts';
import { costOf } from './cost.ts';

const NOW = { wallTimeMs: Date.parse('2026-11-22T12:00:00Z'), serviceTier: null };
const READ = { asOf: '2026-11-01', source: 'test' };

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

function price(rates: Partial<Rates>): Price {
  return flatPrice({ input: 2, output: 8, cachedInput: 0.5, cacheWrite: 2.5, cacheWriteOneHour: 4, ...rates }, READ);
}

function priceWith(terms: Partial<PriceTerms>): Price {
  const { periods } = price({});
  return new Price({ periods, ...READ, regionalFactor: 1, serviceTiers: {}, soundApart: false, ...terms });
}

describe('costOf', () => {
  it('puts every token into one line, and the lines come to the total', () => {
    const counted = usage({
      promptTokens: 1000,
      completionTokens: 100,
      cachedTokens: 600,
      cacheWriteTokens: 300,
      cacheWriteOneHourTokens: 200,
      reasoningTokens: 90,
    });
    const { nanoUsd, lines } = costOf(counted, price({}), NOW);
    expect(lines).toEqual([
      { bucket: 'input', tokens: 100, usdPerMillion: 2 },
      { bucket: 'cached', tokens: 600, usdPerMillion: 0.5 },
      { bucket: 'cache_write', tokens: 100, usdPerMillion: 2.5 },
      { bucket: 'cache_write_1h', tokens: 200, usdPerMillion: 4 },
      { bucket: 'output', tokens: 100, usdPerMillion: 8 },
    ]);
    expect(lines.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(counted.totalTokens);
    expect(nanoUsd).toBe(200_000 + 300_000 + 250_000 + 800_000 + 800_000);
  });

  it('rounds half up once, after the sum', () => {
    const odd = price({ input: 0.0375, output: 0.0001 });
    const nano = (counts: Partial<Usage>): number | null => costOf(usage(counts), odd, NOW).nanoUsd;
    expect(nano({ promptTokens: 1 })).toBe(38);
    expect(nano({ promptTokens: 2 })).toBe(75);
    expect(nano({ completionTokens: 4 })).toBe(0);
    expect(nano({ completionTokens: 5 })).toBe(1);
    expect(nano({ promptTokens: 1, completionTokens: 5 })).toBe(38);
  });

  it('is exact beyond what a number holds in pico-USD', () => {
    const most = usage({ promptTokens: 999_999_999, completionTokens: 1 });
    expect(costOf(most, price({ input: 15.000001, output: 0.001 }), NOW).nanoUsd).toBe(15_000_000_985_001);
  });

  it.each([
    ['cached', { promptTokens: 9, cachedTokens: 3 }, { cachedInput: null }],
    ['cache_write', { promptTokens: 9, cacheWriteTokens: 3 }, { cacheWrite: null }],
    [
      'cache_write_1h',
      { promptTokens: 9, cacheWriteTokens: 3, cacheWriteOneHourTokens: 3 },
      { cacheWriteOneHour: null },
    ],
    ['output', { promptTokens: 9, completionTokens: 1 }, { output: null }],
  ])('is unknown where the price of %s tokens is, and known without any', (bucket, counts, rates) => {
    expect(costOf(usage(counts), price(rates), NOW)).toMatchObject({
      nanoUsd: null,
      unknown: `no price is known for tokens of the kind ${bucket}`,
    });
    expect(costOf(usage({ promptTokens: 9 }), price(rates), NOW)).toMatchObject({ nanoUsd: 18_000, unknown: null });
  });

  it.each([
    [{ promptTokens: 5, cachedTokens: 6 }, 'more tokens are reported as cached than as read'],
    [{ promptTokens: 5, cachedTokens: 3, cacheWriteTokens: 3 }, 'more tokens are reported as cached than as read'],
    [{ promptTokens: 5, cacheWriteOneHourTokens: 1 }, 'more tokens are reported as cached for an hour than at all'],
    [
      { promptTokens: 5, completionTokens: 10, reasoningTokens: 11 },
      'more tokens are reported as reasoning than as written',
    ],
    [{ promptTokens: 5, completionTokens: -1 }, 'a reported count is no count'],
    [{ promptTokens: Number.NaN }, 'a reported count is no count'],
    [{ promptTokens: 1.5 }, 'a reported count is no count'],
    [{ promptTokens: 5, completionTokens: 1, totalTokens: 7 }, '5 read and 1 written are not the 7 reported in all'],
  ])('is unknown where the counts contradict each other: %j', (counts, unknown) => {
    expect(costOf(usage(counts), price({}), NOW)).toMatchObject({ nanoUsd: null, unknown });
  });

  it('knows the service tiers that are published, and of no other', () => {
    const tiered = priceWith({ serviceTiers: { flex: 0.5 } });
    const spent = usage({ promptTokens: 100, completionTokens: 100 });
    expect(costOf(spent, tiered, { ...NOW, serviceTier: 'flex' })).toMatchObject({
      nanoUsd: 500_000,
      terms: 'flex x0.5',
    });
    expect(costOf(spent, tiered, { ...NOW, serviceTier: 'priority' })).toMatchObject({
      nanoUsd: null,
      unknown: 'no price is known for the service tier priority',
    });
  });

  it('prices the whole request at the rates of its length, and says so', () => {
    const rates = { input: 2, output: 8, cachedInput: 0.5, cacheWrite: null, cacheWriteOneHour: null };
    const tiers = [
      { ...rates, promptTokensAbove: 0 },
      { ...rates, promptTokensAbove: 100, input: 4, output: 12, cachedInput: 1 },
    ];
    const tiered = priceWith({ periods: [{ from: null, until: null, window: null, tiers }] });
    const spent = { promptTokens: 101, completionTokens: 10, cachedTokens: 100 };
    expect(costOf(usage(spent), tiered, NOW)).toMatchObject({
      nanoUsd: 4000 + 100_000 + 120_000,
      terms: 'prompts above 100 tokens',
    });
    expect(costOf(usage({ ...spent, promptTokens: 100 }), tiered, NOW)).toMatchObject({
      nanoUsd: 50_000 + 80_000,
      terms: null,
    });
  });
});
