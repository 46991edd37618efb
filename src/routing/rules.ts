import type { TriedRule } from '../core/record.ts';
import type { Rule, RuleFacts } from '../core/rule.ts';

export interface RuleChoice {
  /** `null`: none matches. */
  readonly rule: Rule | null;
  /** Those looked at, in order: the ones before the choice, and it. */
  readonly tried: readonly TriedRule[];
}

/** The first rule that matches. One that fails does not match, and is not passed over in silence. */
export function chooseRoute(rules: readonly Rule[], facts: RuleFacts): RuleChoice {
  const tried: TriedRule[] = [];
  for (const rule of rules) {
    const { matched, problem } = rule.evaluate(facts);
    const outcome = matched ? 'matched' : problem === null ? 'no' : 'failed';
    tried.push({ at: rule.at, when: rule.when, outcome, problem });
    if (matched) return { rule, tried };
  }
  return { rule: null, tried };
}
