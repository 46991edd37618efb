import { expect, test } from 'vitest';

import { seededDraws } from './seeded-draws.ts';
import { learnWatchedRule, type TimedLabel } from './watched-rule.ts';

const TERMS = { risk: 0.05, delta: 0.1 };

function labels(n: number, wrongShare: number, firstMs: number): TimedLabel[] {
  const draw = seededDraws(firstMs + 1);
  return Array.from({ length: n }, (_, index) => ({
    score: draw(),
    accepted: draw() >= wrongShare,
    atMs: firstMs + index,
  }));
}

test('labels that keep the bound teach a rule, and no alarm is raised', () => {
  const { rule, watch, alarmedAtMs } = learnWatchedRule(TERMS, labels(600, 0.01, 0));
  expect(rule).toMatchObject({ coverage: 1 });
  expect(watch.n).toBeGreaterThan(400);
  expect(alarmedAtMs).toBeNull();
});

test('a change voids what came before it: the rule is learnt from the labels since the alarm', () => {
  const { rule, alarmedAtMs } = learnWatchedRule(TERMS, [...labels(600, 0.01, 0), ...labels(160, 0.3, 600)]);
  expect(alarmedAtMs).toBeGreaterThan(600);
  expect(alarmedAtMs).toBeLessThan(700);
  expect(rule.threshold).toBeNull();
});

test('once the labels since the alarm allow it, a rule is learnt again', () => {
  const story = [...labels(600, 0.01, 0), ...labels(30, 0.8, 600), ...labels(900, 0.005, 630)];
  const { rule, alarmedAtMs } = learnWatchedRule(TERMS, story);
  expect(alarmedAtMs).toBeLessThan(800);
  expect(rule).toMatchObject({ coverage: expect.any(Number) as number });
});
