import type { ScoredLabel } from './calibrator.ts';
import { acceptRule, leastLabels, type AcceptRule, type AcceptTerms, type NoRule } from './threshold.ts';
import { isAlarmed, NEW_WATCH, watched, type WatchState } from './watch.ts';

/** A label with its time and the time until which it counts, in milliseconds since the Unix epoch. */
export interface TimedLabel extends ScoredLabel {
  readonly atMs: number;
  readonly untilMs: number;
}

/** A rule with what its watch has seen. */
export interface WatchedRule {
  readonly rule: AcceptRule | NoRule;
  readonly watch: WatchState;
  /** When labels last showed that a rule no longer held: what came before counts no more; `null`: never. */
  readonly alarmedAtMs: number | null;
}

/** On the way a rule is learnt anew after so many times the labels. */
const GROWTH = 1.25;

/**
 * The rule that labels teach, and whether earlier ones of them kept their bound: goes through the labels as they came, learns a rule now
 * and then, and lets the watch see those of the next labels that it takes. An alarm voids the rule and all labels so far. Labels that
 * count no more teach nothing now, but what the watch has seen it has seen: an alarm does not fade.
 * @param labels the earliest first
 */
export function learnWatchedRule(terms: AcceptTerms, labels: readonly TimedLabel[], nowMs: number): WatchedRule {
  const ruleAt = (start: number, end: number, atMs: number): AcceptRule | NoRule => {
    const inForce = labels.slice(start, end).filter(({ untilMs }) => untilMs > atMs);
    return acceptRule(terms, inForce);
  };
  let start = 0;
  let due = leastLabels(terms);
  let rule: AcceptRule | NoRule | null = null;
  let watch = NEW_WATCH;
  let alarmedAtMs: number | null = null;
  for (const [index, label] of labels.entries()) {
    if (takes(rule, label.score)) watch = watched(watch, !label.accepted, terms.risk);
    if (isAlarmed(watch)) {
      alarmedAtMs = label.atMs;
      start = index + 1;
      due = leastLabels(terms);
      rule = null;
      watch = NEW_WATCH;
    } else if (index + 1 - start >= due) {
      rule = ruleAt(start, index + 1, label.atMs);
      due = Math.ceil(due * GROWTH);
    }
  }
  return { rule: ruleAt(start, labels.length, nowMs), watch, alarmedAtMs };
}

/** Whether an answer of this score is one that the rule takes. */
export function takes(rule: AcceptRule | NoRule | null, score: number): boolean {
  return rule !== null && rule.threshold !== null && score >= rule.threshold;
}
