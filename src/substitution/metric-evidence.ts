import type { JsonObject } from '../core/json.ts';
import type { PairedScore, ScoreSource, SubstitutionScope } from '../core/substitution.ts';
import { eValue, type EProcess, startEProcess, withDifference } from './e-process.ts';
import { bootstrapInterval, mcnemarExact, meanDifference } from './paired-statistics.ts';

/** What pairs say by one measure, as far as it is known at every moment. */
export interface MetricFigures extends JsonObject {
  readonly name: string;
  readonly source: ScoreSource;
  /** How much lower the stand-in's mean may be: 0.05 is five points. */
  readonly margin: number;
  /** Pairs with a score on both sides, and pairs without. */
  readonly n: number;
  readonly missing: number;
  /** Pairs in which the stand-in did worse, and in which it did better. */
  readonly b: number;
  readonly c: number;
  /** Mean of the stand-in's score less the other's; `null` without pairs. */
  readonly diff: number | null;
  /** How far the pairs speak for "no more than the margin lower"; it must reach 20. */
  readonly evalue: number;
}

/** With what is only computed for a certificate: it holds for one look. */
export interface CertifiedMetric extends MetricFigures {
  /** 95 % interval of the mean difference, by a bootstrap. */
  readonly ci95: readonly number[] | null;
  /** McNemar's exact test of "neither is better". */
  readonly mcnemar_p: number;
}

/** Measures of form: they do not say whether an answer is right. */
const FORM = new Set(['valid', 'refusal']);
const FORM_MARGIN = 0.02;
const AGREEMENT_MARGIN = 0.1;
const TASK_MARGIN = 0.05;
const STRICT_MARGIN = 0.02;

/** How much lower the stand-in's mean may be by this measure. */
export function marginOf(metric: string, strict: boolean): number {
  if (FORM.has(metric) || metric === 'grounded') return FORM_MARGIN;
  if (metric === 'agreement') return AGREEMENT_MARGIN;
  return strict ? STRICT_MARGIN : TASK_MARGIN;
}

/** Whether a measure says of the task itself how well it was done, and is not a judge's alone. */
export function saysWhetherRight({ name, source }: Pick<MetricFigures, 'name' | 'source'>): boolean {
  return source !== 'judge' && !FORM.has(name);
}

/** One for each measure of each source: a judge's score and a person's are never mixed. */
export function metricKey({ metric, source }: Pick<PairedScore, 'metric' | 'source'>): string {
  return `${metric} ${source}`;
}

/** What the pairs so far say by one measure. */
export class MetricEvidence {
  readonly #name: string;
  readonly #source: ScoreSource;
  #process: EProcess;
  readonly #nonzero: number[] = [];

  constructor({ metric, source }: PairedScore, { strict }: SubstitutionScope) {
    this.#name = metric;
    this.#source = source;
    this.#process = startEProcess('no-worse', marginOf(metric, strict));
  }

  /** A score that one side lacks says nothing. */
  add({ from, to }: PairedScore): void {
    if (from === null || to === null) return;
    this.#process = withDifference(this.#process, to - from);
    if (to !== from) this.#nonzero.push(to - from);
  }

  get process(): EProcess {
    return this.#process;
  }

  /** @param pairs how many pairs there are in all */
  figures(pairs: number): MetricFigures {
    const n = this.#process.pairs;
    const worse = this.#nonzero.filter((difference) => difference < 0).length;
    return {
      name: this.#name,
      source: this.#source,
      margin: this.#process.margin,
      n,
      missing: pairs - n,
      b: worse,
      c: this.#nonzero.length - worse,
      diff: rounded(meanDifference({ pairs: n, nonzero: this.#nonzero })),
      evalue: Number(eValue(this.#process).toPrecision(4)),
    };
  }

  /** @param seed of the resamples */
  certified(pairs: number, seed: number): CertifiedMetric {
    const figures = this.figures(pairs);
    const interval = bootstrapInterval({ pairs: figures.n, nonzero: this.#nonzero }, seed);
    return {
      ...figures,
      ci95: interval?.map((bound) => Number(bound.toFixed(4))) ?? null,
      mcnemar_p: Number(mcnemarExact(figures.b, figures.c).toPrecision(3)),
    };
  }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(4));
}
