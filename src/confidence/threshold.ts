import { binomialTail, upperBound } from './binomial.ts';
import type { ScoredLabel } from './calibrator.ts';

/** `accept: {risk, delta}` of a route: of the answers it takes at most `risk` are wrong, but for a chance of `delta`. Shares, between 0 and 1. */
export interface AcceptTerms {
  readonly risk: number;
  readonly delta: number;
}

/** From which raw score on answers are taken. */
export interface AcceptRule {
  readonly threshold: number;
  /** Labels at or above the threshold. */
  readonly n: number;
  /** Those of them that say wrong. */
  readonly errors: number;
  /** Share of all labels that is at or above it. */
  readonly coverage: number;
  /** The wrong share among what it takes is below this, but for a chance of `delta` (Clopper-Pearson, one-sided). */
  readonly bound: number;
}

/** That no zone of scores keeps the bound, or nobody can tell yet. */
export interface NoRule {
  readonly threshold: null;
  /** Why, in numbers. */
  readonly reason: string;
}

/** The first zone that is tested: twice what can pass at all, or a quarter of the labels; then 5 % of them more each time. */
const FIRST_TO_LEAST = 2;
const FIRST_SHARE = 0.25;
const STEP_SHARE = 0.05;

/**
 * Learn then test (Angelopoulos et al. 2021) with a fixed sequence: zones of the best scores, the smallest first, each tested with
 * a binomial tail for having more than `risk` wrong. The first that cannot be cleared ends it, so that no zone is picked because
 * it happened to look well; the last that was cleared is the rule. Which zones there are depends on how many labels there are, and on
 * equal scores, not on what the labels say. The bound holds for answers that come as the labels came, by a score that these labels did not make.
 */
export function acceptRule({ risk, delta }: AcceptTerms, labels: readonly ScoredLabel[]): AcceptRule | NoRule {
  const least = leastLabels({ risk, delta });
  const total = labels.length;
  if (total < least) return { threshold: null, reason: `${total} labels, at least ${least} are needed` };
  const falling = labels.toSorted((a, b) => b.score - a.score);
  const wrongBefore = countWrong(falling);
  const step = Math.max(1, Math.ceil(total * STEP_SHARE));
  let rule: AcceptRule | null = null;
  let zone = Math.min(total, Math.max(FIRST_TO_LEAST * least, Math.ceil(total * FIRST_SHARE)));
  for (; ; zone = Math.min(total, zone + step)) {
    while (zone < total && falling[zone]?.score === falling[zone - 1]?.score) zone++;
    const errors = wrongBefore[zone] ?? 0;
    if (binomialTail(errors, zone, risk) > delta) {
      return (
        rule ?? {
          threshold: null,
          reason: `of the best ${zone} of ${total} labels ${errors} are wrong, too many to be sure`,
        }
      );
    }
    const bound = upperBound(errors, zone, delta);
    rule = { threshold: falling[zone - 1]?.score ?? Infinity, n: zone, errors, coverage: zone / total, bound };
    if (zone === total) return rule;
  }
}

/** So many labels, all of them right, are the fewest that can clear a zone. */
export function leastLabels({ risk, delta }: AcceptTerms): number {
  return Math.max(1, Math.ceil(Math.log(delta) / Math.log1p(-risk)));
}

/** How many of the first `i` are wrong, for each `i`. */
function countWrong(falling: readonly ScoredLabel[]): readonly number[] {
  const counts = [0];
  for (const { accepted } of falling) counts.push((counts.at(-1) ?? 0) + (accepted ? 0 : 1));
  return counts;
}
