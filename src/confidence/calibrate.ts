import { jeffreys, type Interval } from './binomial.ts';
import type { Calibrator, Forecast, Probability, ScoredLabel } from './calibrator.ts';
import { fitIsotonic } from './isotonic.ts';
import { fitPlatt } from './platt.ts';
import { reliabilityOf, type Reliability } from './reliability.ts';

/** How many of some answers were right, whatever their signals. Not a confidence in one of them. */
export interface BaseRate extends Interval {
  readonly value: number;
}

/** What labels allow to be said of answers by their score. */
export interface Calibration {
  /** `unknown`: too few labels; `uncalibrated`: what would be said did not hold on the latest labels. */
  readonly status: 'calibrated' | 'uncalibrated' | 'unknown';
  /** Why, in numbers. */
  readonly reason: string;
  readonly n: number;
  /** `null`: there is no label. */
  readonly baseRate: BaseRate | null;
  readonly method: Calibrator['method'] | null;
  /** How forecasts fitted to the earlier labels did on the latest; `null`: nothing was fitted. */
  readonly holdOut: Reliability | null;
  /** `null` unless calibrated. */
  of(score: number): Probability | null;
}

/** Below so many labels nothing is said of an answer. */
export const LEAST_LABELS = 30;
const LEAST_OF_EACH_KIND = 5;
const ISOTONIC_LABELS = 200;
const ISOTONIC_OF_EACH_KIND = 20;
const HOLD_OUT_SHARE = 0.3;
const WORST_ECE = 0.08;
/** 95 % of a normal variable lie above its negative. */
const Z_ONE_SIDED = 1.645;

/**
 * What may be said of answers by their raw score. Below 30 labels, or 5 right or wrong ones: nothing. With 200, 20 of each kind:
 * by isotonic regression; else by Platt's scaling. Either must hold on the latest 30 % of the labels, fitted to those before:
 * its ECE surely at most 0.08, its Brier score surely better than the base rate's. If so it is fitted anew to all of them.
 * @param labels the earliest first
 */
export function calibrate(labels: readonly ScoredLabel[]): Calibration {
  const n = labels.length;
  const right = labels.filter(({ accepted }) => accepted).length;
  const least = Math.min(right, n - right);
  const baseRate = n === 0 ? null : { value: (right + 0.5) / (n + 1), ...jeffreys(right, n) };
  const silent = { n, baseRate, method: null, holdOut: null, of: () => null };
  if (n < LEAST_LABELS)
    return { ...silent, status: 'unknown', reason: `${n} labels, at least ${LEAST_LABELS} are needed` };
  if (least < LEAST_OF_EACH_KIND) {
    const kind = right <= n - right ? 'accepted' : 'not accepted';
    const reason = `${least} of ${n} labels say ${kind}, at least ${LEAST_OF_EACH_KIND} are needed`;
    return { ...silent, status: 'unknown', reason };
  }
  const fit = n >= ISOTONIC_LABELS && least >= ISOTONIC_OF_EACH_KIND ? fitIsotonic : fitPlatt;
  const held = holdOut(labels, fit);
  const calibrator = fit(labels);
  const figures = { n, baseRate, method: calibrator.method, holdOut: held.reliability };
  if (held.fault !== null) return { ...figures, status: 'uncalibrated', reason: held.fault, of: () => null };
  const reason = `the latest ${held.reliability.n} labels bear out what those before them said`;
  return { ...figures, status: 'calibrated', reason, of: (score) => calibrator.of(score) };
}

function holdOut(
  labels: readonly ScoredLabel[],
  fit: (labels: readonly ScoredLabel[]) => Calibrator,
): { readonly reliability: Reliability; readonly fault: string | null } {
  const cut = Math.floor(labels.length * (1 - HOLD_OUT_SHARE));
  const earlier = labels.slice(0, cut);
  const fitted = fit(earlier);
  const forecasts = labels.slice(cut).map(({ score, accepted }) => ({ p: fitted.of(score).value, accepted }));
  const base = earlier.filter(({ accepted }) => accepted).length / cut;
  const reliability = reliabilityOf(forecasts);
  return { reliability, fault: faultOf(reliability, leastSkill(forecasts, base)) };
}

function faultOf({ n, ece }: Reliability, skill: number): string | null {
  if (ece.upper95 > WORST_ECE) {
    return `on the latest ${n} labels the calibration error may be ${ece.upper95.toFixed(3)}, at most ${WORST_ECE} is allowed`;
  }
  return skill > 0 ? null : `on the latest ${n} labels the score is not surely better than the base rate`;
}

/** By how much the forecasts' Brier score is better than that of the base rate, 95 % sure. */
function leastSkill(forecasts: readonly Forecast[], base: number): number {
  const gains = forecasts.map(({ p, accepted }) => (base - Number(accepted)) ** 2 - (p - Number(accepted)) ** 2);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  return mean - Z_ONE_SIDED * Math.sqrt(variance / gains.length);
}
