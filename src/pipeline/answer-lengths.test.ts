import { describe, expect, test } from 'vitest';

import { AnswerLengths } from './answer-lengths.ts';

function lengthsOf(...tokens: readonly number[]): AnswerLengths {
  const lengths = new AnswerLengths();
  for (const each of tokens) lengths.add('task', 'openai/gpt-4o', each);
  return lengths;
}

describe('how unusual a length is', () => {
  test('is told by standard deviations of its logarithm, either way', () => {
    // Logarithms of 3 and 5, four times each: mean 4, standard deviation 1.069.
    const lengths = lengthsOf(...[3, 5, 3, 5, 3, 5, 3, 5].map((log) => Math.exp(log) - 1));
    const at = (log: number): number | null => lengths.deviation('task', 'openai/gpt-4o', Math.exp(log) - 1);
    expect(at(4)).toBeCloseTo(0);
    expect(at(4 + 1.069)).toBeCloseTo(1, 3);
    expect(at(4 - 2.138)).toBeCloseTo(-2, 3);
  });

  test('is not known of fewer than eight answers, nor of another deployment', () => {
    expect(lengthsOf(1, 2, 3, 4, 5, 6, 7).deviation('task', 'openai/gpt-4o', 4)).toBeNull();
    expect(lengthsOf(1, 2, 3, 4, 5, 6, 7, 8).deviation('task', 'azure/gpt-4o', 4)).toBeNull();
  });

  test('is bounded where all were of one length', () => {
    const lengths = lengthsOf(...Array.from({ length: 20 }, () => 100));
    expect(lengths.deviation('task', 'openai/gpt-4o', 104)).toBeLessThan(0.5);
    expect(lengths.deviation('task', 'openai/gpt-4o', 400)).toBeGreaterThan(10);
  });
});
