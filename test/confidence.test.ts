import { describe, expect, test } from 'vitest';

import { runShift, runSplit, SCOPE, type SplitOptions } from './support/confidence-splits.ts';
import {
  inSample,
  mostViolations,
  peeking,
  readQuestions,
  shipped,
  violationsOf,
  WORLDS,
} from './support/confidence-worlds.ts';
import { Confidences } from '../src/confidence/confidences.ts';

/** A sample of `full/confidence.test.ts`. */
const folder = process.env['CANDOR_DATA'];
const SPLITS = 300;

describe('the bound on risk, in 300 worlds of each kind', () => {
  test.each(WORLDS.map((world) => [world.name, world] as const))(
    '%s: no more often violated than allowed',
    (_name, world) => {
      const { violated } = violationsOf(world, shipped, 200, SPLITS);
      expect(violated).toBeLessThanOrEqual(mostViolations(world.terms.delta, SPLITS));
    },
  );

  test('of allowed violations the test would know more', () => {
    // 10 % of 300, and what chance adds 1 time in 100.
    expect(mostViolations(0.1, SPLITS)).toBe(43);
  });

  test.each([
    ['picks the zone that looks best', peeking],
    ['believes the labels that it learns from', inSample],
  ])('who %s violates it', (_name, learner) => {
    const worst = Math.max(...WORLDS.map((world) => violationsOf(world, learner, 200, SPLITS).violated));
    expect(worst).toBeGreaterThan(mostViolations(0.1, SPLITS));
  });
});

describe.skipIf(folder === undefined)('the table of outcomes (set CANDOR_DATA to the folder of its data sets)', () => {
  const questions = folder === undefined ? [] : readQuestions(folder);
  const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
  const options: Omit<SplitOptions, 'seed'> = { model: 'gpt4', terms: { risk: 0.15, delta: 0.1 }, labels: 1000 };

  test('real labels give rules, which keep the bound', () => {
    const results = SEEDS.map((seed) => runSplit(questions, { ...options, seed }));
    expect(results.filter(({ hasRule }) => hasRule).length).toBeGreaterThan(5);
    const violated = results.filter(({ wrong }) => wrong > options.terms.risk).length;
    expect(violated).toBeLessThanOrEqual(mostViolations(options.terms.delta, SEEDS.length));
  });

  test('shuffled labels give none, and no value', () => {
    const results = SEEDS.map((seed) => runSplit(questions, { ...options, seed, isShuffled: true }));
    expect(results.filter(({ hasRule }) => hasRule).length).toBeLessThanOrEqual(
      mostViolations(options.terms.delta, SEEDS.length),
    );
    expect(results.filter(({ valued }) => valued > 0).length).toBeLessThanOrEqual(1);
  });

  test('another model behind the same name is found out', () => {
    const { hadRule, labelsUntilSuspended } = runShift(questions, { risk: 0.1, delta: 0.1 }, 2000, 1);
    expect(hadRule).toBe(true);
    expect(labelsUntilSuspended).toBeLessThan(400);
  });

  test('under a name of its own it has to earn its labels', () => {
    const confidences = new Confidences({ wallTime: () => 0 });
    expect(confidences.acceptance(SCOPE, options.terms, {}).verdict).toBe('unknown');
  });
});
