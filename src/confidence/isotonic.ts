import { clopperPearson } from './binomial.ts';
import type { Calibrator, Probability, ScoredLabel } from './calibrator.ts';

const MOST_BINS = 10;

interface Bin extends Probability {
  /** The least score in it. */
  readonly from: number;
}

/**
 * The rising steps that fit the labels best (pool adjacent violators), then read in at most ten bins of equal mass: each has the
 * steps' mean, drawn inwards by half a label of either kind, and the lower end of its labels' 95 % interval (Clopper-Pearson).
 * Few labels are drawn farther than many, but never below the bin before.
 */
export function fitIsotonic(labels: readonly ScoredLabel[]): Calibrator {
  const rising = labels.toSorted((a, b) => a.score - b.score);
  const steps = risingSteps(rising);
  const bins: Bin[] = [];
  for (const [start, end] of equalMass(rising, MOST_BINS)) {
    const n = end - start;
    const right = rising.slice(start, end).filter(({ accepted }) => accepted).length;
    const sum = steps.slice(start, end).reduce((total, step) => total + step, 0);
    const value = Math.max(bins.at(-1)?.value ?? 0, (sum + 0.5) / (n + 1));
    const lower95 = Math.min(value, clopperPearson(right, n).lower95);
    bins.push({ from: rising[start]?.score ?? 0, value, lower95 });
  }
  return {
    method: 'isotonic',
    of(score) {
      const { value, lower95 } = bins.findLast((bin) => bin.from <= score) ?? bins[0] ?? { value: 0.5, lower95: 0 };
      return { value, lower95 };
    },
  };
}

/** `[start, end)` of each bin of a sorted list: about equally many, and what is equal together. */
export function equalMass(
  sorted: readonly { readonly score: number }[],
  most: number,
): readonly (readonly [start: number, end: number])[] {
  const bins: [number, number][] = [];
  let start = 0;
  for (let bin = 1; bin <= most; bin++) {
    let end = Math.max(start, Math.round((bin * sorted.length) / most));
    while (end > start && end < sorted.length && sorted[end]?.score === sorted[end - 1]?.score) end++;
    if (end > start) bins.push([start, end]);
    start = end;
  }
  return bins;
}

/** The fitted value of each label; equal scores get equal values. */
function risingSteps(sorted: readonly ScoredLabel[]): readonly number[] {
  const blocks: { right: number; n: number }[] = [];
  for (const [index, { score, accepted }] of sorted.entries()) {
    const last = blocks.at(-1);
    if (last !== undefined && sorted[index - 1]?.score === score) {
      last.right += Number(accepted);
      last.n++;
    } else {
      pool(blocks);
      blocks.push({ right: Number(accepted), n: 1 });
    }
  }
  pool(blocks);
  return blocks.flatMap(({ right, n }) => Array.from({ length: n }, () => right / n));
}

/** Joins the last block to those before it that are not below it. */
function pool(blocks: { right: number; n: number }[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const before = blocks.at(-2);
    if (last === undefined || before === undefined || before.right * last.n < last.right * before.n) return;
    before.right += last.right;
    before.n += last.n;
    blocks.pop();
  }
}
