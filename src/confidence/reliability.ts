import { clopperPearson, type Interval } from './binomial.ts';
import { calibrationError, type CalibrationError } from './calibration-error.ts';
import type { Forecast } from './calibrator.ts';
import { equalMass } from './isotonic.ts';

/** One point of a reliability diagram: what was said of these answers on average, and how many of them were right. */
export interface ReliabilityBin extends Interval {
  readonly p: number;
  readonly observed: number;
  readonly n: number;
}

/** How well forecasts fit what happened. */
export interface Reliability {
  readonly n: number;
  readonly bins: readonly ReliabilityBin[];
  readonly brier: BrierScore;
  readonly ece: CalibrationError;
  /** How often a right answer was given more than a wrong one; `null`: there is only one kind. */
  readonly auroc: number | null;
  readonly coverageAtRisk: readonly CoverageAtRisk[];
}

/** The mean squared error, and its parts by Murphy (1973): `reliability - resolution + uncertainty + withinBins`. */
export interface BrierScore {
  readonly score: number;
  /** How far the bins are from what happened: less is better. */
  readonly reliability: number;
  /** How far what happened differs from bin to bin: more is better. */
  readonly resolution: number;
  readonly uncertainty: number;
  /** What forecasts that differ within a bin add. */
  readonly withinBins: number;
}

/** The largest share of the answers that could be taken, best first, with no more wrong than `risk`. */
export interface CoverageAtRisk {
  readonly risk: number;
  readonly coverage: number;
}

const MOST_BINS = 10;
/** Fewer in a bin would be noise. */
const LEAST_IN_BIN = 15;
const RISKS = [0.01, 0.02, 0.05, 0.1, 0.2];

/** All figures of some forecasts, of which there must be one at least. */
export function reliabilityOf(forecasts: readonly Forecast[]): Reliability {
  const rising = risingForecasts(forecasts);
  const bins = equalMass(rising, Math.max(1, Math.min(MOST_BINS, Math.floor(rising.length / LEAST_IN_BIN))));
  const points = bins.map(([start, end]) => reliabilityBin(rising.slice(start, end)));
  return {
    n: forecasts.length,
    bins: points,
    brier: brierOf(rising, points),
    ece: calibrationError(rising),
    auroc: aurocOf(rising),
    coverageAtRisk: RISKS.map((risk) => ({ risk, coverage: coverageAt(rising, risk) })),
  };
}

/** A forecast that can be put in order. */
interface SortedForecast extends Forecast {
  readonly score: number;
}

function risingForecasts(forecasts: readonly Forecast[]): readonly SortedForecast[] {
  const sortable = forecasts.map(({ p, accepted }) => ({ p, accepted, score: p }));
  // Of equal forecasts those of right answers come last, whatever order they were given in.
  return sortable.sort((a, b) => a.p - b.p || Number(a.accepted) - Number(b.accepted));
}

function reliabilityBin(forecasts: readonly Forecast[]): ReliabilityBin {
  const n = forecasts.length;
  const right = countRight(forecasts);
  return { p: meanP(forecasts), observed: right / n, n, ...clopperPearson(right, n) };
}

function brierOf(forecasts: readonly Forecast[], bins: readonly ReliabilityBin[]): BrierScore {
  const n = forecasts.length;
  const base = countRight(forecasts) / n;
  const overBins = (part: (bin: ReliabilityBin) => number): number =>
    bins.reduce((sum, bin) => sum + bin.n * part(bin), 0) / n;
  const score = forecasts.reduce((sum, { p, accepted }) => sum + (p - Number(accepted)) ** 2, 0) / n;
  const reliability = overBins(({ p, observed }) => (p - observed) ** 2);
  const resolution = overBins(({ observed }) => (observed - base) ** 2);
  const uncertainty = base * (1 - base);
  return { score, reliability, resolution, uncertainty, withinBins: score - reliability + resolution - uncertainty };
}

/** By ranks (Mann-Whitney), ties counting half. */
function aurocOf(rising: readonly Forecast[]): number | null {
  const right = countRight(rising);
  const wrong = rising.length - right;
  if (right === 0 || wrong === 0) return null;
  let wins = 0;
  let wrongBelow = 0;
  for (let start = 0; start < rising.length;) {
    let end = start;
    while (end < rising.length && rising[end]?.p === rising[start]?.p) end++;
    const tied = rising.slice(start, end);
    const tiedRight = countRight(tied);
    const tiedWrong = tied.length - tiedRight;
    wins += tiedRight * (wrongBelow + tiedWrong / 2);
    wrongBelow += tiedWrong;
    start = end;
  }
  return wins / (right * wrong);
}

function coverageAt(rising: readonly Forecast[], risk: number): number {
  let wrong = 0;
  let best = 0;
  for (let taken = 1; taken <= rising.length; taken++) {
    const at = rising.length - taken;
    if (rising[at]?.accepted === false) wrong++;
    const isWhole = at === 0 || rising[at - 1]?.p !== rising[at]?.p;
    if (isWhole && wrong <= risk * taken) best = taken;
  }
  return best / rising.length;
}

function countRight(forecasts: readonly Forecast[]): number {
  return forecasts.reduce((count, { accepted }) => count + Number(accepted), 0);
}

function meanP(forecasts: readonly Forecast[]): number {
  return forecasts.reduce((sum, { p }) => sum + p, 0) / forecasts.length;
}
