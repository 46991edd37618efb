import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { calibrate } from '../../src/confidence/calibrate.ts';
import { seededDraws } from '../../src/confidence/seeded-draws.ts';
import { isAlarmed, NEW_WATCH, watched } from '../../src/confidence/watch.ts';
import { runShift, runSplit, type ModelOfTable } from '../support/confidence-splits.ts';
import {
  inSample,
  labelsOf,
  mostViolations,
  normal,
  peeking,
  readQuestions,
  shipped,
  violationsOf,
  WORLDS,
  type Question,
  type World,
} from '../support/confidence-worlds.ts';

/** Every figure of docs/confidence.md: computed anew, held against its promise, and compared with what the page prints. */
const folder = process.env['CANDOR_DATA'];
const SPLITS = 300;
const DELTA = 0.1;

const page = readFileSync(join(import.meta.dirname, '../../docs/confidence.md'), 'utf8').replaceAll(/ +/g, ' ');

function expectPrinted(...cells: readonly (string | number)[]): void {
  const row = `| ${cells.join(' | ')} |`;
  expect(page.includes(row), `the page lacks ${row}`).toBe(true);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The value that this share of them do not exceed. */
function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}

describe('the bound on risk in made-up worlds', () => {
  const cases = WORLDS.flatMap((world) => [200, 500, 1000].map((n) => [world.name, n, world] as const));

  test.each(cases)('%s, %i labels', (name, n, world) => {
    const ours = violationsOf(world, shipped, n, SPLITS);
    const twins = [peeking, inSample].map((learner) => violationsOf(world, learner, n, SPLITS).violated);
    expect(ours.violated).toBeLessThanOrEqual(mostViolations(DELTA, SPLITS));
    expectPrinted(name, percent(world.terms.risk), n, ours.found, percent(ours.coverage), ours.violated, ...twins);
  });
});

describe.skipIf(folder === undefined)('the table of outcomes (set CANDOR_DATA to the folder of its data sets)', () => {
  let questions: readonly Question[];
  beforeAll(() => {
    questions = readQuestions(folder ?? '');
  });

  test.each<[ModelOfTable, number, number]>([
    ['gpt4', 0.1, 1000],
    ['gpt4', 0.15, 300],
    ['gpt4', 0.15, 1000],
    ['mixtral', 0.2, 1000],
  ])('%s, risk %d, %i labels', (model, risk, labels) => {
    const seeds = Array.from({ length: SPLITS }, (_, index) => index + 1);
    const options = { model, terms: { risk, delta: DELTA }, labels };
    const results = seeds.map((seed) => runSplit(questions, { ...options, seed }));
    const ruled = results.filter(({ hasRule }) => hasRule);
    const violated = ruled.filter(({ wrong }) => wrong > risk).length;
    const valued = results.filter((result) => result.valued > 0);
    const mixed = seeds.map((seed) => runSplit(questions, { ...options, seed, isShuffled: true }));
    const mixedRules = mixed.filter(({ hasRule }) => hasRule).length;
    const mixedValues = mixed.filter((result) => result.valued > 0).length;
    expect(violated).toBeLessThanOrEqual(mostViolations(DELTA, SPLITS));
    expect(mixedRules).toBeLessThanOrEqual(mostViolations(DELTA, SPLITS));
    expect(mixedValues).toBeLessThanOrEqual(mostViolations(0.05, SPLITS));
    const coverage = percent(mean(ruled.map((result) => result.coverage)));
    const wrong = percent(mean(ruled.map((result) => result.wrong)));
    const off = percent(mean(valued.map(({ meanOff }) => Math.abs(meanOff))));
    const shuffledFound = [mixedRules, mixedValues];
    expectPrinted(
      model,
      percent(risk),
      labels,
      ruled.length,
      coverage,
      wrong,
      violated,
      valued.length,
      off,
      ...shuffledFound,
    );
  });

  test('another model behind the same name is suspended within 400 labels, in 95 of 100 runs', () => {
    const runs = Array.from({ length: 60 }, (_, index) =>
      runShift(questions, { risk: 0.1, delta: DELTA }, 2000, index + 1),
    );
    const ruled = runs.filter(({ hadRule }) => hadRule);
    const until = ruled.map(({ labelsUntilSuspended }) => labelsUntilSuspended ?? Infinity);
    expect(quantile(until, 0.95)).toBeLessThanOrEqual(400);
    const falseAlarms = runs.filter(({ hadFalseAlarm }) => hadFalseAlarm).length;
    expect(falseAlarms).toBeLessThanOrEqual(mostViolations(0.05, runs.length));
    const printed = [quantile(until, 0.5), quantile(until, 0.95), `${falseAlarms} of ${runs.length}`];
    expectPrinted('GPT-4, then Mixtral under its name', '10.0 %', 2000, ...printed);
  });
});

describe('the watch', () => {
  /** Labels of taken answers from the change on; `null`: an alarm came before it. */
  function labelsUntilAlarm(calm: number, wrong: number, seed: number): number | null {
    const draw = seededDraws(seed);
    let state = NEW_WATCH;
    for (let n = 0; n < calm; n++) state = watched(state, draw() < 0.02, 0.05);
    if (isAlarmed(state)) return null;
    let n = 0;
    for (; !isAlarmed(state); n++) state = watched(state, draw() < wrong, 0.05);
    return n;
  }

  test.each([
    [0.1, 0],
    [0.1, 1000],
    [0.2, 0],
    [0.2, 1000],
    [0.4, 1000],
  ])('little wrong, then %d, after %i labels', (wrong, calm) => {
    const runs = Array.from({ length: 500 }, (_, seed) => labelsUntilAlarm(calm, wrong, seed + 1));
    const until = runs.filter((run) => run !== null);
    expect(runs.length - until.length).toBeLessThanOrEqual(mostViolations(0.05, runs.length));
    const falseAlarms = `${runs.length - until.length} of ${runs.length}`;
    expectPrinted(
      `2 % wrong, then ${wrong * 100} %`,
      '5.0 %',
      calm,
      quantile(until, 0.5),
      quantile(until, 0.95),
      falseAlarms,
    );
  });
});

describe('how many labels a value takes', () => {
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const worlds: readonly Pick<World, 'name' | 'chanceOfRight'>[] = [
    { name: 'nearly all told apart: 97 % or 20 % right', chanceOfRight: (score) => (score > -0.5 ? 0.97 : 0.2) },
    { name: 'much', chanceOfRight: (score) => sigmoid(1.5 + 1.5 * score) },
    { name: 'little', chanceOfRight: (score) => sigmoid(1.5 + 0.5 * score) },
    { name: 'nothing', chanceOfRight: () => 0.8 },
  ];

  test.each(worlds.map((world) => [world.name, world] as const))('a score that tells %s', (name, world) => {
    const shares = [100, 300, 1000, 2000, 5000].map((n) => {
      const runs = Array.from({ length: 100 }, (_, seed) => {
        const made = { ...world, terms: { risk: 0.1, delta: DELTA }, score: normal };
        return calibrate(labelsOf(made, n, seededDraws(seed + 1))).status === 'calibrated';
      });
      return runs.filter(Boolean).length;
    });
    if (name === 'nothing') expect(Math.max(...shares)).toBeLessThanOrEqual(mostViolations(0.05, 100));
    expectPrinted(name, ...shares);
  });
});
