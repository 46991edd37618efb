import { calibrate, LEAST_LABELS, type Calibration } from './calibrate.ts';
import { fitScore, PRIOR_SCORE, scoreOf, type Score } from './score.ts';
import { isForScore, type JudgedAnswer } from './scope-labels.ts';
import type { TimedLabel } from './watched-rule.ts';

/** What was learnt at one time. */
interface Fitted {
  readonly atMs: number;
  /** How many labels had ever come. */
  readonly changes: number;
  /** Labels it was learnt from. */
  readonly n: number;
}

/** How a route's answers are scored. */
export interface RouteFit extends Fitted {
  readonly score: Score;
}

/** What is known of one scope's answers. */
export interface ScopeFit extends Fitted {
  readonly score: Score;
  /** The labels that calibrate, the earliest first, with those that no longer do. */
  readonly labels: readonly TimedLabel[];
  readonly calibration: Calibration;
}

const LEAST_FOR_SCORE = 100;
const LEAST_OF_EACH_KIND = 20;
const MOST_FOR_SCORE = 2000;
const CHANGED_SHARE = 0.05;
/** A fit takes some microseconds a label, and the next waits a thousand times as long. */
const REST_MS_PER_LABEL = 10;
const OLDEST_MS = 24 * 3_600_000;

/** Whether to learn anew: when labels have changed by 5 % and some time has passed, 10 ms for each of them, or when it is a day old. */
export function isDue(fitted: Fitted | null, changes: number, nowMs: number): boolean {
  if (fitted === null) return true;
  const ageMs = Math.abs(nowMs - fitted.atMs);
  if (ageMs >= OLDEST_MS) return true;
  const hasChanged = changes - fitted.changes >= Math.max(1, Math.floor(fitted.n * CHANGED_SHARE));
  return hasChanged && ageMs >= (fitted.n < LEAST_LABELS ? 0 : fitted.n * REST_MS_PER_LABEL);
}

/** @param answers of all scopes of the route, the earliest first */
export function fitRoute(answers: readonly JudgedAnswer[], changes: number, nowMs: number): RouteFit {
  const examples = answers.filter(({ generation }) => isForScore(generation)).slice(-MOST_FOR_SCORE);
  const right = examples.filter(({ accepted }) => accepted).length;
  const isEnough = examples.length >= LEAST_FOR_SCORE && Math.min(right, examples.length - right) >= LEAST_OF_EACH_KIND;
  return { atMs: nowMs, changes, n: examples.length, score: isEnough ? fitScore(examples) : PRIOR_SCORE };
}

/** @param answers of the scope, the earliest first */
export function fitScope(score: Score, answers: readonly JudgedAnswer[], changes: number, nowMs: number): ScopeFit {
  const labels = answers
    .filter(({ generation }) => calibrates(score, generation))
    .map(({ features, ...label }) => ({ ...label, score: scoreOf(score, features) }));
  const inForce = labels.filter(({ untilMs }) => untilMs > nowMs);
  return { atMs: nowMs, changes, n: inForce.length, score, labels, calibration: calibrate(inForce) };
}

/** Whether an answer's labels are none of those that made the score. */
export function calibrates(score: Score, generation: string): boolean {
  return score.basis === 'prior' || !isForScore(generation);
}
