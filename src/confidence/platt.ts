import type { Calibrator, ScoredLabel } from './calibrator.ts';
import { sigmoid } from './score.ts';

const MOST_STEPS = 100;
const CLOSE = 1e-10;
const HALVINGS = 30;
/** 97.5 % of a normal variable lie below. */
const Z_95 = 1.96;
/** Keeps the curvature from vanishing where all scores are the same. */
const LEAST_CURVATURE = 1e-9;

interface Curve {
  readonly slope: number;
  readonly intercept: number;
}

interface Curvature {
  readonly slope: number;
  readonly both: number;
  readonly intercept: number;
}

/**
 * Platt's scaling (1999): a logistic curve through the labels, whose targets a prior draws inwards so that few labels do not give
 * certainty; Newton's method, as Lin, Lin and Weng (2007). The lower bound is that of the curve's log-odds (delta method). A curve
 * that would fall as the score rises is replaced by a level one.
 */
export function fitPlatt(labels: readonly ScoredLabel[]): Calibrator {
  const right = labels.filter(({ accepted }) => accepted).length;
  const wrong = labels.length - right;
  const targets = labels.map(({ accepted }) => (accepted ? (right + 1) / (right + 2) : 1 / (wrong + 2)));
  const centre = labels.reduce((sum, { score }) => sum + score, 0) / Math.max(1, labels.length);
  let scores = labels.map(({ score }) => score - centre);
  let curve = newton(scores, targets);
  if (curve.slope < 0) {
    scores = scores.map(() => 0);
    curve = newton(scores, targets);
  }
  const { slope, both, intercept } = slopesAt(curve, scores, targets).curvature;
  const determinant = slope * intercept - both * both;
  return {
    method: 'platt',
    of(score) {
      const x = curve.slope === 0 ? 0 : score - centre;
      const logOdds = curve.slope * x + curve.intercept;
      const variance = (intercept * x * x - 2 * both * x + slope) / determinant;
      return { value: sigmoid(logOdds), lower95: sigmoid(logOdds - Z_95 * Math.sqrt(variance)) };
    },
  };
}

function newton(scores: readonly number[], targets: readonly number[]): Curve {
  let curve: Curve = { slope: 0, intercept: 0 };
  let loss = lossOf(curve, scores, targets);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { descent, curvature } = slopesAt(curve, scores, targets);
    const determinant = curvature.slope * curvature.intercept - curvature.both ** 2;
    const move = {
      slope: (curvature.intercept * descent.slope - curvature.both * descent.intercept) / determinant,
      intercept: (curvature.slope * descent.intercept - curvature.both * descent.slope) / determinant,
    };
    const before = loss;
    // A whole step may go too far; some part of it always goes down, until there is nothing left to gain.
    for (let part = 1, halving = 0; halving < HALVINGS; halving++, part /= 2) {
      const tried = { slope: curve.slope + part * move.slope, intercept: curve.intercept + part * move.intercept };
      const triedLoss = lossOf(tried, scores, targets);
      if (triedLoss >= loss) continue;
      curve = tried;
      loss = triedLoss;
      break;
    }
    if (before - loss < CLOSE) break;
  }
  return curve;
}

function slopesAt(
  curve: Curve,
  scores: readonly number[],
  targets: readonly number[],
): { readonly descent: Curve; readonly curvature: Curvature } {
  const descent = { slope: 0, intercept: 0 };
  const curvature = { slope: LEAST_CURVATURE, both: 0, intercept: LEAST_CURVATURE };
  for (const [index, score] of scores.entries()) {
    const value = sigmoid(curve.slope * score + curve.intercept);
    const error = (targets[index] ?? 0) - value;
    descent.slope += error * score;
    descent.intercept += error;
    const bend = value * (1 - value);
    curvature.slope += bend * score * score;
    curvature.both += bend * score;
    curvature.intercept += bend;
  }
  return { descent, curvature };
}

function lossOf(curve: Curve, scores: readonly number[], targets: readonly number[]): number {
  let loss = 0;
  for (const [index, score] of scores.entries()) {
    const logOdds = curve.slope * score + curve.intercept;
    // log(1 + e^x) - target * x, without overflow.
    loss += Math.max(logOdds, 0) + Math.log1p(Math.exp(-Math.abs(logOdds))) - (targets[index] ?? 0) * logOdds;
  }
  return loss;
}
