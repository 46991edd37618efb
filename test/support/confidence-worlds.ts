import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { binomialTail } from '../../src/confidence/binomial.ts';
import type { ScoredLabel } from '../../src/confidence/calibrator.ts';
import { seededDraws } from '../../src/confidence/seeded-draws.ts';
import { acceptRule, type AcceptTerms } from '../../src/confidence/threshold.ts';

/** A made-up world, whose truth is known: how answers are scored, and how often those of a score are right. */
export interface World {
  readonly name: string;
  readonly terms: AcceptTerms;
  score(draw: () => number): number;
  chanceOfRight(score: number): number;
}

/** From which score on answers are taken; `null`: there is none that is safe. */
export type Learner = (terms: AcceptTerms, labels: readonly ScoredLabel[]) => number | null;

const TERMS: AcceptTerms = { risk: 0.1, delta: 0.1 };

export const WORLDS: readonly World[] = [
  {
    name: 'the score tells much',
    terms: TERMS,
    score: normal,
    chanceOfRight: (score) => 1 / (1 + Math.exp(-1.5 - 2 * score)),
  },
  {
    name: 'the score tells nothing, and hardly too much is wrong',
    terms: TERMS,
    score: normal,
    chanceOfRight: () => 0.89,
  },
  {
    name: 'four scores: so many of three verifiers agree',
    terms: { risk: 0.05, delta: 0.1 },
    score: (draw) => [draw(), draw(), draw()].filter((each) => each < 0.8).length,
    chanceOfRight: (score) => [0.3, 0.5, 0.9, 0.98][score] ?? 0,
  },
  {
    name: 'the best scores are the worst',
    terms: TERMS,
    score: normal,
    chanceOfRight: (score) => (score > 1.5 ? 0.6 : 0.93),
  },
];

/** What is shipped. */
export const shipped: Learner = (terms, labels) => acceptRule(terms, labels).threshold;

/** Twin without the fixed sequence: tests every zone, and takes the widest that passes. */
export const peeking: Learner = (terms, labels) =>
  widestZone(labels, (errors, n) => binomialTail(errors, n, terms.risk) <= terms.delta);

/** Twin that believes the labels it learns from: takes the widest zone in which no more than `risk` is wrong. */
export const inSample: Learner = (terms, labels) => widestZone(labels, (errors, n) => errors <= terms.risk * n);

function widestZone(labels: readonly ScoredLabel[], passes: (errors: number, n: number) => boolean): number | null {
  const falling = labels.toSorted((a, b) => b.score - a.score);
  let errors = 0;
  let threshold: number | null = null;
  for (const [index, { score, accepted }] of falling.entries()) {
    if (!accepted) errors++;
    if (falling[index + 1]?.score !== score && passes(errors, index + 1)) threshold = score;
  }
  return threshold;
}

/** How often a learner found a rule, how much that took, and how often more than `risk` of it is truly wrong. */
export interface Violations {
  readonly found: number;
  readonly violated: number;
  /** Mean share of all answers that found rules take. */
  readonly coverage: number;
}

const POOL = 50_000;

/** Learns anew from `n` labels in each split, and asks the world itself what is wrong among what the rule takes. */
export function violationsOf(world: World, learner: Learner, n: number, splits: number): Violations {
  const draw = seededDraws(0);
  const pool = Float64Array.from({ length: POOL }, () => world.score(draw)).sort();
  const wrongFrom = new Float64Array(POOL + 1);
  for (let at = POOL - 1; at >= 0; at--) {
    wrongFrom[at] = (wrongFrom[at + 1] ?? 0) + 1 - world.chanceOfRight(pool[at] ?? 0);
  }
  let found = 0;
  let violated = 0;
  let coverage = 0;
  for (let split = 1; split <= splits; split++) {
    const threshold = learner(world.terms, labelsOf(world, n, seededDraws(split)));
    if (threshold === null) continue;
    const from = firstAtLeast(pool, threshold);
    found++;
    coverage += (POOL - from) / POOL;
    if ((wrongFrom[from] ?? 0) / (POOL - from) > world.terms.risk) violated++;
  }
  return { found, violated, coverage: found === 0 ? 0 : coverage / found };
}

export function labelsOf(world: World, n: number, draw: () => number): readonly ScoredLabel[] {
  return Array.from({ length: n }, () => {
    const score = world.score(draw);
    return { score, accepted: draw() < world.chanceOfRight(score) };
  });
}

/** So many violations are still no sign that more than `delta` of the splits have one: only 1 time in 100 there are more. */
export function mostViolations(delta: number, splits: number): number {
  let most = 0;
  while (binomialTail(most, splits, delta) < 0.99) most++;
  return most;
}

function firstAtLeast(rising: Float64Array, value: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A normal variable (Box and Muller). */
export function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/** One question of the table of outcomes. */
export interface Question {
  readonly task: string;
  readonly promptLength: number;
  readonly mixtral: boolean;
  readonly gpt4: boolean;
}

/** @throws Error when the table cannot be read */
export function readQuestions(folder: string): readonly Question[] {
  const lines = readFileSync(join(folder, 'outcomes-mmlu-two-models.csv'), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.slice(1).map((line) => {
    const [task = '', length, mixtral, gpt4] = line.split(',');
    return { task, promptLength: Number(length), mixtral: mixtral === 'True', gpt4: gpt4 === 'True' };
  });
}

/** In another order that depends on the draws alone (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], draw: () => number): Item[] {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
  }
  return mixed;
}
