import { expect, test } from 'vitest';

import type { AskedAnswer } from './compare-tally.ts';
import { compareModels, type ComparisonSteps } from './compare.ts';

const ITEMS = Array.from({ length: 9 }, (_, index) => `item-${index}`);
const TERMS = { reference: 'a', models: ['b', 'c'], items: ITEMS, concurrency: 3, strict: false };

function answered(text: string, more: Partial<AskedAnswer> = {}): AskedAnswer {
  const answer = { text, toolCalls: [], hasRefused: false, validation: { status: 'none', verdicts: [] } } as const;
  return { generation: text, answer, failure: null, costUsd: 0.001, ttftMs: 20, tokensPerSecond: 50, ...more };
}

function steps(more: Partial<ComparisonSteps<string, AskedAnswer>>): ComparisonSteps<string, AskedAnswer> {
  return {
    ask: () => Promise.resolve(answered('yes')),
    nameOf: (item) => item,
    scoringOf: () => ({ validators: [], expected: undefined }),
    onPair: () => Promise.resolve(),
    onProgress: () => undefined,
    stopped: () => null,
    ...more,
  };
}

test('asks so many items at a time, the reference first and the others in its place', async () => {
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const done: number[] = [];
  const { models, items, stopped } = await compareModels(
    TERMS,
    steps({
      ask: async (item, model, inPlaceOf) => {
        asked.push(`${item} ${model} for ${inPlaceOf ?? 'itself'}`);
        most = Math.max(most, ++underWay);
        await Promise.resolve();
        underWay--;
        return answered(model === 'c' ? 'no' : 'yes');
      },
      onProgress: (count) => done.push(count),
    }),
  );
  expect({ most, items, stopped, done }).toEqual({
    most: 3,
    items: 9,
    stopped: null,
    done: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  });
  expect(asked.filter((each) => each.startsWith('item-4 '))).toEqual([
    'item-4 a for itself',
    'item-4 b for a',
    'item-4 c for a',
  ]);
  expect(models).toMatchObject([
    { model: 'a', asked: 9, pairs: 0, cost: 0.009, cost_per_1k: 1, ttft_p50_ms: 20, tokens_per_second: 50 },
    { model: 'b', pairs: 9, agreement: { mean: 1, ci95: [0.7008, 1], n: 9 }, worst: [] },
    {
      model: 'c',
      agreement: { mean: 0, ci95: [0, 0.2992] },
      metrics: [
        { name: 'refusal', worse: false },
        { name: 'agreement', diff: -1, worse: true },
      ],
    },
  ]);
  expect(models[2]?.['worst']).toHaveLength(5);
});

test('an answer that nobody gave makes no pair, and without the reference nobody else is asked', async () => {
  const { models } = await compareModels(
    TERMS,
    steps({
      ask: (item, model) => {
        const fails = item === 'item-0' || (model === 'b' && item === 'item-1');
        const failed = answered('', { answer: null, failure: 'upstream_overloaded', costUsd: null });
        return Promise.resolve(fails ? failed : answered('yes'));
      },
    }),
  );
  expect(models).toMatchObject([
    { asked: 9, answered: 8, failed: { upstream_overloaded: 1 }, cost: null, cost_per_1k: null },
    { asked: 8, answered: 7, failed: { upstream_overloaded: 1 }, pairs: 7 },
    { asked: 8, answered: 8, failed: {}, pairs: 8 },
  ]);
});

test('a pair that cannot be noted ends it, and nobody is asked any more', async () => {
  let asked = 0;
  const run = compareModels(
    TERMS,
    steps({
      ask: () => Promise.resolve(answered(`yes ${asked++}`)),
      onPair: () => Promise.reject(new Error('the disk is full')),
    }),
  );
  await expect(run).rejects.toThrow('the disk is full');
  expect(asked).toBeLessThanOrEqual(3 * 2);
});

test('says so where it is stopped in the midst of the last item, and not where it was over by then', async () => {
  let asked = 0;
  const stopAfter = (most: number): Promise<{ readonly stopped: string | null }> => {
    asked = 0;
    const ask = (): Promise<AskedAnswer> => Promise.resolve(answered(`yes ${asked++}`));
    return compareModels(TERMS, steps({ ask, stopped: () => (asked >= most ? 'max_cost' : null) }));
  };
  expect((await stopAfter(9 * 3 - 1)).stopped).toBe('max_cost');
  expect((await stopAfter(9 * 3)).stopped).toBeNull();
});

test('stops where it is told to, and says why', async () => {
  let pairs = 0;
  const { items, stopped } = await compareModels(
    { ...TERMS, concurrency: 1 },
    steps({
      onPair: () => {
        pairs++;
        return Promise.resolve();
      },
      stopped: () => (pairs >= 3 ? 'max_cost' : null),
    }),
  );
  expect({ items, pairs, stopped }).toEqual({ items: 2, pairs: 3, stopped: 'max_cost' });
});
