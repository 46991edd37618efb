import type { ScopeFit } from './scope-fit.ts';
import type { ScopeLabels } from './scope-labels.ts';
import type { AcceptTerms } from './threshold.ts';
import type { WatchedRule } from './watched-rule.ts';

/** A rule that was learnt for terms, with what its watch has seen since. */
export interface RuleInForce {
  readonly terms: AcceptTerms;
  /** What it was learnt from. */
  readonly fit: ScopeFit;
  readonly learnt: WatchedRule;
}

/** A scope with what was learnt of it so far. */
export interface ScopeEntry {
  readonly key: string;
  readonly labels: ScopeLabels;
  /** For the terms that were asked of last; `null`: for none yet. */
  rule: RuleInForce | null;
  fit: ScopeFit | null;
  /** When labels last showed that a rule no longer held: those up to then count no more; `null`: never. */
  suspendedAtMs: number | null;
}
