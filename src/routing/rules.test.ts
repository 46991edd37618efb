import { expect, test } from 'vitest';

import type { Rule, RuleFacts, RuleOutcome } from '../core/rule.ts';
import { chooseRoute } from './rules.ts';

const FACTS = {} as RuleFacts;
const NO = { matched: false, problem: null };
const YES = { matched: true, problem: null };
const FAILED = { matched: false, problem: 'the rule at candor.yaml:2 could not be evaluated: no such key: team' };

function rule(line: number, outcome: RuleOutcome, when: string | null = 'stream'): Rule {
  return { when, route: `r${line}`, at: `candor.yaml:${line}`, readsLanguage: false, evaluate: () => outcome };
}

test('the first that matches decides, and those before it are told with what became of them', () => {
  const rules = [rule(1, NO), rule(2, FAILED), rule(3, YES, null), rule(4, YES)];
  expect(chooseRoute(rules, FACTS)).toEqual({
    rule: rules[2],
    tried: [
      { at: 'candor.yaml:1', when: 'stream', outcome: 'no', problem: null },
      { at: 'candor.yaml:2', when: 'stream', outcome: 'failed', problem: FAILED.problem },
      { at: 'candor.yaml:3', when: null, outcome: 'matched', problem: null },
    ],
  });
});

test('none may match', () => {
  expect(chooseRoute([rule(1, NO)], FACTS)).toMatchObject({ rule: null, tried: [{ outcome: 'no' }] });
  expect(chooseRoute([], FACTS)).toEqual({ rule: null, tried: [] });
});
