import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Rates } from '../core/price.ts';
import { priceOf, PRICES_AS_OF } from './price-book.ts';

const URL_OF = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
  google: 'https://generativelanguage.googleapis.com',
  deepseek: 'https://api.deepseek.com',
};

/** The rates on a day in autumn 2026, or at the time that is given. */
function rates(kind: string, modelId: string, at = '2026-11-22T12:00:00Z', promptTokens = 1000): Rates | null {
  const url = URL_OF[kind as keyof typeof URL_OF] ?? '';
  return priceOf(kind, modelId, url)?.ratesAt(Date.parse(at), promptTokens) ?? null;
}

describe('priceOf', () => {
  it('knows exact names and dated snapshots of them', () => {
    expect(rates('openai', 'gpt-4o')?.input).toBe(2.5);
    expect(rates('openai', 'gpt-4o-2024-08-06')?.input).toBe(2.5);
    expect(rates('anthropic', 'claude-haiku-4-5-20251001')?.output).toBe(5);
  });

  it('prefers the price of the snapshot itself', () => {
    expect(rates('openai', 'gpt-4o-2024-05-13')?.input).toBe(5);
  });

  it.each([
    ['openai', 'gpt-4o-audio-preview'],
    ['openai', 'gpt-4o-2024-08'],
    ['openai', 'claude-opus-4-8'],
    ['anthropic', 'claude-opus'],
    ['google', 'gemini-2.5-flash-image'],
    ['google', 'gemma-4-31b-it'],
    ['deepseek', 'deepseek-v5'],
    ['openai-compatible', 'gpt-4o'],
    ['nobody', 'gpt-4o'],
    ['openai', '__proto__'],
    ['openai', 'sim-__proto__'],
    ['__proto__', 'sim-gpt-4o'],
    ['openai', ''],
  ])('has no price for %s %s', (kind, modelId) => {
    expect(rates(kind, modelId)).toBeNull();
  });

  it('prices each simulated model as the real one it stands for', () => {
    expect(rates('anthropic', 'sim-claude-opus')).toEqual(rates('anthropic', 'claude-opus-4-8'));
    expect(rates('google', 'sim-gemini-pro')).toEqual(rates('google', 'gemini-2.5-pro'));
    expect(rates('openai', 'sim-gpt-4')).toBeNull();
  });

  it('prices Gemini at its other host by the same list', () => {
    expect(rates('vertex', 'gemini-2.5-pro')).toEqual(rates('google', 'gemini-2.5-pro'));
  });

  it('says page and date', () => {
    expect(priceOf('openai', 'gpt-4o', URL_OF.openai)).toMatchObject({
      asOf: '2026-09-23',
      source: '@pydantic/genai-prices 0.1.8: openai.com/api/pricing',
    });
    expect(PRICES_AS_OF).toBe('2026-09-23');
  });
});

describe('by date', () => {
  it.each([
    ['openai', 'gpt-5.6-sol', '2026-08-20T23:59:59Z', 5],
    ['openai', 'gpt-5.6-sol', '2026-08-21T00:00:00Z', 4],
    ['google', 'gemini-3.8-flash', '2026-12-31T23:59:59Z', 0.75],
    ['google', 'gemini-3.8-flash', '2027-01-01T00:00:00Z', 1.5],
  ])('%s %s at %s', (kind, modelId, at, input) => {
    expect(rates(kind, modelId, at)?.input).toBe(input);
  });

  it('knows nothing of a day before the first', () => {
    expect(rates('deepseek', 'deepseek-chat', '2025-09-01T00:00:00Z')).toBeNull();
  });
});

describe('by hour: DeepSeek charges twice at peak on workdays in Beijing', () => {
  it.each([
    ['Monday 08:59', '2026-11-23T00:59:00Z', 0.22],
    ['Monday 09:00', '2026-11-23T01:00:00Z', 0.44],
    ['Monday 11:59', '2026-11-23T03:59:59Z', 0.44],
    ['Monday 12:00', '2026-11-23T04:00:00Z', 0.22],
    ['Monday 14:00', '2026-11-23T06:00:00Z', 0.44],
    ['Monday 18:00', '2026-11-23T10:00:00Z', 0.22],
    ['Saturday 10:00', '2026-11-21T02:00:00Z', 0.22],
    ['a Saturday that begins while it is Friday in London', '2026-11-20T17:00:00Z', 0.22],
    ['the last Saturday before weekends were quiet', '2026-08-22T02:00:00Z', 0.44],
    ['before there were peak hours', '2026-07-01T02:00:00Z', 0.14],
  ])('%s', (_name, at, input) => {
    expect(rates('deepseek', 'deepseek-v4-flash', at)?.input).toBe(input);
  });

  it('asks the retired names what the model costs that answers for them', () => {
    const peak = '2026-11-23T02:00:00Z';
    expect(rates('deepseek', 'deepseek-reasoner', peak)).toEqual(rates('deepseek', 'deepseek-v4-flash', peak));
    expect(rates('deepseek', 'deepseek-chat', '2026-01-10T00:00:00Z')?.input).toBe(0.28);
  });

  it('finds the hour again for each minute', () => {
    const price = priceOf('deepseek', 'deepseek-v4-flash', URL_OF.deepseek);
    const at = (time: string): number | undefined => price?.ratesAt(Date.parse(time), 1)?.input;
    expect([at('2026-11-23T00:59:59.999Z'), at('2026-11-23T01:00:00Z'), at('2026-11-23T00:59:00Z')]).toEqual([
      0.22, 0.44, 0.22,
    ]);
  });
});

describe('by length of prompt', () => {
  it.each([
    ['gemini-2.5-pro', 200_000, 1.25, 10],
    ['gemini-2.5-pro', 200_001, 2.5, 15],
  ])('%s of %i tokens', (modelId, promptTokens, input, output) => {
    expect(rates('google', modelId, undefined, promptTokens)).toMatchObject({ input, output });
  });

  it('prices 272,000 tokens at the long rate where the vendor says fewer than that', () => {
    expect(rates('openai', 'gpt-5.4', undefined, 271_999)?.input).toBe(2.5);
    expect(rates('openai', 'gpt-5.4', undefined, 272_000)?.input).toBe(5);
  });
});

describe('by region', () => {
  it.each([
    ['https://eu.api.openai.com/v1', 'gpt-5.4', 2.75],
    ['https://eu.api.openai.com/v1', 'gpt-5.4-2026-03-05', 2.75],
    ['https://eu.api.openai.com/v1', 'gpt-4o', 2.5],
    ['https://api.openai.com/v1', 'gpt-5.4', 2.5],
    ['https://eu.api.openai.com.example.com/v1', 'gpt-5.4', 2.5],
  ])('%s %s', (url, modelId, input) => {
    expect(priceOf('openai', modelId, url)?.ratesAt(Date.parse('2026-11-22'), 1)?.input).toBe(input);
  });
});

it('the list is what its script writes, from the package that is installed', () => {
  const root = join(import.meta.dirname, '../..');
  const run = spawnSync(process.execPath, [join(root, 'scripts/seed-prices.mjs'), '--print'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(readFileSync(join(root, 'src/catalog/seeded-prices.ts'), 'utf8')).toBe(run.stdout);
});
