import type { JsonObject } from '../core/json.ts';
import type { PairedScore } from '../core/substitution.ts';
import { marginOf, metricKey } from './metric-evidence.ts';
import type { ComparedAnswer, ScoredPair } from './paired-scores.ts';

/** What came of asking one model one thing. */
export interface AskedAnswer {
  /** The generation it is on record as; `null`: it was not asked. */
  readonly generation: string | null;
  /** `null`: nobody answered. */
  readonly answer: ComparedAnswer | null;
  /** The code of what went wrong; `null`: somebody answered. */
  readonly failure: string | null;
  /** `null`: not known. */
  readonly costUsd: number | null;
  /** Both `null` where the answer came in one piece. */
  readonly ttftMs: number | null;
  readonly tokensPerSecond: number | null;
}

const WORST_TOLD = 5;
/** Two-sided, 95 % sure. */
const Z = 1.96;

interface MetricSum {
  readonly score: PairedScore;
  n: number;
  sum: number;
}

interface ToldPair {
  readonly item: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly agreement: number | null;
  /** Sum of the differences that the certificate goes by: the lower, the worse for the stand-in. */
  readonly difference: number;
}

/** What one model has shown in a comparison. */
export class ModelTally {
  readonly #model: string;
  readonly #strict: boolean;
  readonly #answers: ComparedAnswer[] = [];
  readonly #failures = new Map<string, number>();
  readonly #costs: (number | null)[] = [];
  readonly #ttfts: number[] = [];
  readonly #speeds: number[] = [];
  readonly #agreements: number[] = [];
  readonly #metrics = new Map<string, MetricSum>();
  #worst: ToldPair[] = [];
  #pairs = 0;

  /** @param strict whether the route is */
  constructor(model: string, strict: boolean) {
    this.#model = model;
    this.#strict = strict;
  }

  addAnswer({ answer, failure, costUsd, ttftMs, tokensPerSecond }: AskedAnswer): void {
    this.#costs.push(costUsd);
    if (answer === null) {
      const code = failure ?? 'internal_error';
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      return;
    }
    this.#answers.push(answer);
    if (ttftMs !== null) this.#ttfts.push(ttftMs);
    if (tokensPerSecond !== null) this.#speeds.push(tokensPerSecond);
  }

  addPair(item: string, from: string | null, to: string | null, { scores, agreement }: ScoredPair): void {
    this.#pairs++;
    if (agreement !== null) this.#agreements.push(agreement);
    let difference = 0;
    for (const score of scores) {
      if (score.from === null || score.to === null) continue;
      const sum = this.#metrics.get(metricKey(score)) ?? { score, n: 0, sum: 0 };
      sum.n++;
      sum.sum += score.to - score.from;
      difference += score.to - score.from;
      this.#metrics.set(metricKey(score), sum);
    }
    if (difference >= 0 && (agreement ?? 1) >= 1) return;
    this.#worst.push({ item, from, to, agreement, difference });
    this.#worst = this.#worst.toSorted(worstFirst).slice(0, WORST_TOLD);
  }

  /** The figures: costs in USD, times in milliseconds, shares from 0 to 1; `null`: not known. */
  report(): JsonObject {
    const refused = this.#answers.filter(({ hasRefused }) => hasRefused).length;
    const cost = sumOf(this.#costs);
    return {
      model: this.#model,
      asked: this.#costs.length,
      answered: this.#answers.length,
      failed: Object.fromEntries(this.#failures),
      valid: this.#validity(),
      refused,
      pairs: this.#pairs,
      agreement: interval(this.#agreements),
      metrics: Array.from(this.#metrics.values(), (metric) => this.#metricReport(metric)),
      ttft_p50_ms: quantile(this.#ttfts, 0.5),
      ttft_p95_ms: quantile(this.#ttfts, 0.95),
      tokens_per_second: quantile(this.#speeds, 0.5),
      cost,
      cost_per_1k: cost === null || this.#costs.length === 0 ? null : (cost / this.#costs.length) * 1000,
      worst: this.#worst.map((pair) => ({ ...pair })),
    };
  }

  #validity(): JsonObject | null {
    const statuses = this.#answers.map(({ validation: { status } }) => status).filter((status) => status !== 'none');
    if (statuses.length === 0) return null;
    const passed = statuses.filter((status) => status === 'passed' || status === 'repaired').length;
    const failed = statuses.filter((status) => status === 'failed').length;
    return { passed, failed, unknown: statuses.length - passed - failed };
  }

  #metricReport({ score: { metric, source }, n, sum }: MetricSum): JsonObject {
    const margin = marginOf(metric, this.#strict);
    const diff = Number((sum / n).toFixed(4));
    return { name: metric, source, margin, n, diff, worse: diff < -margin };
  }
}

function worstFirst(one: ToldPair, other: ToldPair): number {
  return one.difference - other.difference || (one.agreement ?? 1) - (other.agreement ?? 1);
}

function sumOf(costs: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const cost of costs) {
    if (cost === null) return null;
    sum += cost;
  }
  return Number(sum.toFixed(9));
}

/** Mean of shares, and its 95 % interval by Wilson: of graded shares it is wider than it need be. `null` without any. */
function interval(shares: readonly number[]): JsonObject | null {
  const n = shares.length;
  if (n === 0) return null;
  const mean = shares.reduce((sum, share) => sum + share, 0) / n;
  const spread = Z * Math.sqrt((mean * (1 - mean)) / n + (Z * Z) / (4 * n * n));
  const bound = (sign: 1 | -1): number => (mean + (Z * Z) / (2 * n) + sign * spread) / (1 + (Z * Z) / n);
  const ci95 = [Math.max(0, bound(-1)), Math.min(1, bound(1))].map((each) => Number(each.toFixed(4)));
  return { mean: Number(mean.toFixed(4)), ci95, n };
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Number(value.toFixed(1));
}
