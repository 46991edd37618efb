import { usdFromNano } from './money.ts';

/** What a route may demand of whoever answers it: the words of `slo`. */
export type ObjectiveName = 'ttft_p95' | 'tokens_per_second' | 'error_rate' | 'valid_rate' | 'cost_per_request';

/**
 * One objective of a route. It filters candidates, never orders them. The limit's unit goes by the name: `ttft_p95`
 * milliseconds at most, `tokens_per_second` tokens a second at least, `error_rate` a share at most, `valid_rate` a
 * share at least, `cost_per_request` nano-USD at most.
 */
export interface Objective {
  readonly name: ObjectiveName;
  readonly limit: number;
  /** The config line. */
  readonly at: string;
}

/** How the candidates that meet the objectives are ordered: the words of `pick`. */
export type PickWord = 'ordered' | 'fastest' | 'cheapest' | 'weighted';

/** What becomes of a request when nobody meets the objectives: answered all the same and marked, or refused. */
export type ObjectivePolicy = 'best_effort' | 'fail';

/**
 * What is measured of one objective at one candidate, decayed in wall-clock time, so that counts are no whole numbers.
 * `cost_per_request` has no observations of its own: it is reckoned from the price in force.
 */
export interface ObjectiveEvidence {
  readonly name: ObjectiveName;
  readonly limit: number;
  /** The measured figure in the limit's unit (the 95th percentile, the median, the share); `null`: not known. */
  readonly value: number | null;
  /** How many observations, decayed. */
  readonly n: number;
  /** Of these, how many missed the objective. */
  readonly misses: number;
  /** The fast detector: grows with misses, shrinks with hits, never below 0 (a Bernoulli CUSUM, see `telemetry/judge-objective.ts`). */
  readonly cusum: number;
  /** Whether it was missed when it was last judged: coming back needs more evidence than staying. */
  readonly was_missed: boolean;
  /** Observations since it was missed, of those that were let through to try it again; not decayed. */
  readonly trial: { readonly n: number; readonly misses: number };
}

/** A limit or figure of an objective in the unit it is told in: as it is, but money in USD. */
export function toldFigure(name: ObjectiveName, figure: number | null): number | null {
  return name === 'cost_per_request' ? usdFromNano(figure) : figure;
}
