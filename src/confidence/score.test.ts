import { describe, expect, test } from 'vitest';

import { FEATURES, type FeatureVector } from './features.ts';
import { fitScore, PRIOR_SCORE, scoreOf, sigmoid, type Example } from './score.ts';
import { seededDraws } from './seeded-draws.ts';

const at = (name: string): number => FEATURES.findIndex((feature) => feature.name === name);

/** Agreement from -1 to 1 and length from 0 to 1; the others are missing. */
function vector(agreement: number, length: number): FeatureVector {
  return FEATURES.map(({ name }) => (name === 'agreement' ? agreement : name === 'length' ? length : null));
}

function examples(n: number, logOdds: (agreement: number, length: number) => number): Example[] {
  const draw = seededDraws(3);
  return Array.from({ length: n }, () => {
    const [agreement, length] = [2 * draw() - 1, draw()];
    return { features: vector(agreement, length), accepted: draw() < sigmoid(logOdds(agreement, length)) };
  });
}

describe('fitScore', () => {
  test('finds the weights that made the labels', () => {
    const { weights, intercept, basis } = fitScore(
      examples(20_000, (agreement, length) => 0.5 + 2 * agreement - length),
    );
    expect(basis).toBe('fitted');
    expect(weights[at('agreement')]).toBeCloseTo(2, 0);
    expect(weights[at('length')]).toBeCloseTo(-1, 0);
    expect(intercept).toBeCloseTo(0.5, 0);
  });

  test('no weight goes against its direction, whatever the labels say', () => {
    const { weights } = fitScore(examples(2000, (agreement, length) => -2 * agreement + 3 * length));
    expect(weights[at('agreement')]).toBe(0);
    expect(weights[at('length')]).toBeCloseTo(0, 12);
    for (const [index, weight] of weights.entries())
      expect(weight * FEATURES[index]!.direction).toBeGreaterThanOrEqual(0);
  });

  test('is where the penalised loss is least: no weight that may move is pulled anywhere', () => {
    const rows = examples(500, (agreement) => 1 + 2 * agreement);
    const score = fitScore(rows);
    const index = at('agreement');
    const pull = rows.reduce((sum, { features, accepted }) => {
      return sum + (sigmoid(scoreOf(score, features)) - Number(accepted)) * (features[index] ?? 0);
    }, score.weights[index] ?? 0);
    expect(Math.abs(pull)).toBeLessThan(0.05);
  });

  test('of few labels the penalty keeps the weights small', () => {
    const rows = [1, 1, -1, -1].map((agreement) => ({ features: vector(agreement, 0), accepted: agreement > 0 }));
    expect(fitScore(rows).weights[at('agreement')]).toBeLessThan(1.5);
  });
});

test('the score by hand rises with what speaks for an answer, and a missing signal says nothing', () => {
  expect(scoreOf(PRIOR_SCORE, vector(1, 0))).toBeGreaterThan(scoreOf(PRIOR_SCORE, vector(-1, 0)));
  expect(scoreOf(PRIOR_SCORE, vector(0, 1))).toBeLessThan(scoreOf(PRIOR_SCORE, vector(0, 0)));
  expect(
    scoreOf(
      PRIOR_SCORE,
      FEATURES.map(() => null),
    ),
  ).toBe(scoreOf(PRIOR_SCORE, vector(0, 0)));
});
