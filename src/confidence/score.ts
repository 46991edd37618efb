import { FEATURES, type FeatureVector } from './features.ts';

/** Weighs features into one number. */
export interface Score {
  /** `prior`: by hand, `fitted`: by labels. */
  readonly basis: 'prior' | 'fitted';
  readonly intercept: number;
  /** Of each of `FEATURES`; none against its direction. */
  readonly weights: readonly number[];
}

/** An answer's features, and whether it was right. */
export interface Example {
  readonly features: FeatureVector;
  readonly accepted: boolean;
}

/** What is used before there are enough labels. */
export const PRIOR_SCORE: Score = {
  basis: 'prior',
  intercept: 0,
  weights: FEATURES.map(({ direction, priorWeight }) => direction * priorWeight),
};

const RIDGE = 1;
const MOST_STEPS = 200;
const SWEEPS = 30;
/** How far a weight moves in the last step. */
const CLOSE = 1e-3;

/** A raw score: more is better, on a scale of its own. It is no probability and is never to be shown as one. */
export function scoreOf(score: Score, features: FeatureVector): number {
  let sum = score.intercept;
  for (const [index, weight] of score.weights.entries()) sum += weight * (features[index] ?? 0);
  return sum;
}

/**
 * Logistic regression with an L2 penalty of 1 on the weights, none of which may go against its feature's direction: gradient steps
 * in the metric of the curvature's bound (Böhning and Lindsay 1988), each projected to the signs that are allowed.
 */
export function fitScore(examples: readonly Example[]): Score {
  const rows = examples.map(({ features }) => Float64Array.from([...FEATURES.map((_, at) => features[at] ?? 0), 1]));
  const targets = examples.map(({ accepted }) => Number(accepted));
  const curvature = curvatureBound(rows);
  let weights: readonly number[] = [...PRIOR_SCORE.weights, PRIOR_SCORE.intercept];
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = projectedStep(weights, gradient(rows, targets, weights), curvature);
    const farthest = Math.max(...next.map((weight, index) => Math.abs(weight - (weights[index] ?? 0))));
    weights = next;
    if (farthest < CLOSE) break;
  }
  return { basis: 'fitted', intercept: weights.at(-1) ?? 0, weights: weights.slice(0, -1) };
}

/** The logistic loss nowhere bends more than a quarter of this sum of squares, and the penalty adds its own. */
function curvatureBound(rows: readonly Float64Array[]): readonly Float64Array[] {
  const bound = Array.from({ length: FEATURES.length + 1 }, (_, at) => {
    const line = new Float64Array(FEATURES.length + 1);
    line[at] = RIDGE;
    return line;
  });
  for (const row of rows) {
    for (const [at, line] of bound.entries()) {
      const share = (row[at] ?? 0) / 4;
      if (share !== 0)
        for (let other = 0; other < line.length; other++) line[other] = (line[other] ?? 0) + share * (row[other] ?? 0);
    }
  }
  return bound;
}

/** Where the bound's parabola is least among the weights that are allowed, by coordinates. */
function projectedStep(
  weights: readonly number[],
  slope: Float64Array,
  curvature: readonly Float64Array[],
): readonly number[] {
  const next = [...weights];
  const left = Float64Array.from(slope);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [at, line] of curvature.entries()) {
      const before = next[at] ?? 0;
      const after = allowed(at, before - (left[at] ?? 0) / (line[at] ?? 1));
      next[at] = after;
      for (let other = 0; other < left.length; other++)
        left[other] = (left[other] ?? 0) + (line[other] ?? 0) * (after - before);
    }
  }
  return next;
}

function gradient(rows: readonly Float64Array[], targets: readonly number[], weights: readonly number[]): Float64Array {
  const slope = Float64Array.from(weights, (weight, at) => (at < FEATURES.length ? RIDGE * weight : 0));
  for (const [place, row] of rows.entries()) {
    let sum = 0;
    for (let at = 0; at < row.length; at++) sum += (row[at] ?? 0) * (weights[at] ?? 0);
    const error = sigmoid(sum) - (targets[place] ?? 0);
    for (let at = 0; at < row.length; at++) slope[at] = (slope[at] ?? 0) + error * (row[at] ?? 0);
  }
  return slope;
}

function allowed(index: number, weight: number): number {
  const direction = FEATURES[index]?.direction;
  if (direction === undefined) return weight;
  return direction === 1 ? Math.max(0, weight) : Math.min(0, weight);
}

/** The probability with these log-odds. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
