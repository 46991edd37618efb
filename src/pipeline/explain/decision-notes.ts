import type { CandidateDecision, Decision, DecisionInputs } from '../../core/decision.ts';
import { usdFromNano } from '../../core/money.ts';
import type { TriedRule } from '../../core/record.ts';
import { cheaperFeasible } from '../../routing/cheaper-feasible.ts';
import { decide } from '../../routing/decide.ts';

/** What a person should know of a decision besides its order. */
export function decisionNotes(inputs: DecisionInputs, decision: Decision): readonly string[] {
  return [...cheaperNotes(inputs, decision), ...decision.candidates.flatMap(standingNotes), ...drawnNotes(inputs)];
}

/** Rules that could not be evaluated: they did not match, perhaps against what their author meant. */
export function ruleNotes(rules: readonly TriedRule[]): readonly string[] {
  return rules.flatMap(({ problem }) => (problem === null ? [] : [`${problem}; so it did not match`]));
}

/** Who would now and then be asked first, to find out how it does: decided by the same rules, with its turn come. */
export function trialNotes(inputs: DecisionInputs): readonly string[] {
  return inputs.candidates.flatMap(({ deployment }) => {
    const candidates = inputs.candidates.map((each) => ({ ...each, trial_due: each.deployment === deployment }));
    const found = decide({ ...inputs, candidates }).candidates.find((each) => each.standing === 'trial');
    if (found === undefined) return [];
    return [`now and then a request asks ${deployment} first, to find out how it does: ${lackOf(found)}`];
  });
}

function cheaperNotes(inputs: DecisionInputs, decision: Decision): readonly string[] {
  const cheaper = cheaperFeasible(inputs, decision);
  const first = decision.candidates.find(({ deployment }) => deployment === decision.order[0]);
  if (cheaper === null || first === undefined) return [];
  return [
    `\`pick: ordered\` asks ${first.deployment} first, where an accepted answer is expected to cost ${costText(first)}; ` +
      `${cheaper.deployment} misses no objective either, at ${costText(cheaper)}`,
  ];
}

function costText({ expected_cost_nano_usd: cost }: CandidateDecision): string {
  return `${usdFromNano(cost)} USD`;
}

function standingNotes(candidate: CandidateDecision): readonly string[] {
  const { deployment, standing } = candidate;
  if (standing === 'trial') return [`${deployment} is asked first to find out how it does: ${lackOf(candidate)}`];
  if (standing !== 'last_resort') return [];
  return [`${deployment} is a last resort, and its answer marked degraded (slo): ${lackOf(candidate)}`];
}

function lackOf({ objectives }: CandidateDecision): string {
  const missed = objectives.filter(({ met }) => met === false).map(({ name, reason }) => `${name}: ${reason}`);
  return missed.length === 0 ? 'it is not measured yet' : `it misses ${missed.join('; ')}`;
}

function drawnNotes({ pick, candidates }: DecisionInputs): readonly string[] {
  const shared = candidates.filter(({ shares }) => shares).map(({ model }) => model);
  const several = [...new Set(shared)].filter((model) => shared.indexOf(model) !== shared.lastIndexOf(model));
  return [
    ...(pick === 'weighted' && candidates.length > 1 ? ['`pick: weighted` draws the order anew for each request'] : []),
    ...several.map(
      (model) => `the deployments of ${model} share its requests: who of two drawn has less to do is first`,
    ),
  ];
}
