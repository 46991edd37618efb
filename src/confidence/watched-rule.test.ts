import { expect, test } from 'vitest';

import { seededDraws } from './seeded-draws.ts';
import { learnWatchedRule, type TimedLabel } from './watched-rule.ts';

const TERMS = { risk: 0.05, delta: 0.1 };
const NOW_MS = 2000;

function labels(n: number, wrongShare: number, firstMs: number): TimedLabel[] {
  const draw = seededDraws(firstMs + 1);
  return Array.from({ length: n }, (_, index) => ({
    score: draw(),
    accepted: draw() >= wrongShare,
    atMs: firstMs + index,
    untilMs: Infinity,
  }));
}

test('labels that keep the bound teach a rule, and no alarm is raised', () => {
  const { rule, watch, alarmedAtMs } = learnWatchedRule(TERMS, labels(600, 0.01, 0), NOW_MS);
  expect(rule).toMatchObject({ coverage: 1 });
  expect(watch.n).toBeGreaterThan(400);
  expect(alarmedAtMs).toBeNull();
});

test('a change voids what came before it: the rule is learnt from the labels since the alarm', () => {
  const story = [...labels(600, 0.01, 0), ...labels(160, 0.3, 600)];
  const { rule, alarmedAtMs } = learnWatchedRule(TERMS, story, NOW_MS);
  expect(alarmedAtMs).toBeGreaterThan(600);
  expect(alarmedAtMs).toBeLessThan(700);
  expect(rule.threshold).toBeNull();
});

test('once the labels since the alarm allow it, a rule is learnt again', () => {
  const story = [...labels(600, 0.01, 0), ...labels(30, 0.8, 600), ...labels(900, 0.005, 630)];
  const { rule, alarmedAtMs } = learnWatchedRule(TERMS, story, NOW_MS);
  expect(alarmedAtMs).toBeLessThan(800);
  expect(rule).toMatchObject({ coverage: expect.any(Number) as number });
});

test('an alarm does not fade with the labels that raised it', () => {
  const fading = (label: TimedLabel, index: number): TimedLabel => ({
    ...label,
    untilMs: index % 2 === 0 ? NOW_MS : Infinity,
  });
  const story = [...labels(600, 0.01, 0), ...labels(60, 0.8, 600)].map(fading);
  const before = learnWatchedRule(TERMS, story, NOW_MS - 1);
  const after = learnWatchedRule(TERMS, story, NOW_MS);
  expect(before.alarmedAtMs).not.toBeNull();
  expect(after.alarmedAtMs).toBe(before.alarmedAtMs);
});
