import type { DecisionInputs } from '../../core/decision.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import type { DecisionRecord, TriedRule } from '../../core/record.ts';

const PICKS: ReadonlySet<unknown> = new Set(['ordered', 'fastest', 'cheapest', 'weighted']);
const INPUTS = ['objective_policy', 'fallback', 'candidates'];
const CANDIDATE = ['shares', 'weight', 'price', 'accepted_share', 'ttft', 'load', 'objectives', 'trial_due'];

/** The decision of a record; `null`: it has none, or one of a version that recorded other things. */
export function readDecision(record: JsonObject): DecisionRecord | null {
  const decision = objectMember(record, 'decision');
  const inputs = objectMember(decision ?? {}, 'inputs');
  if (decision === null || inputs === null || !areInputs(inputs)) return null;
  return {
    inputs: inputs as unknown as DecisionInputs,
    order: arrayMember(decision, 'order').filter((name) => typeof name === 'string'),
    usual: stringMember(decision, 'usual'),
    rules: arrayMember(decision, 'rules').filter(isJsonObject).map(triedRule),
  };
}

/** Whether everything a decision reads is there. */
function areInputs(inputs: JsonObject): boolean {
  const candidates = arrayMember(inputs, 'candidates');
  return (
    PICKS.has(inputs['pick']) &&
    numberMember(inputs, 'draw') !== null &&
    INPUTS.every((name) => inputs[name] !== undefined) &&
    candidates.every((candidate) => isJsonObject(candidate) && isCandidate(candidate))
  );
}

function isCandidate(candidate: JsonObject): boolean {
  const objectives = arrayMember(candidate, 'objectives');
  return (
    stringMember(candidate, 'deployment') !== null &&
    stringMember(candidate, 'model') !== null &&
    stringMember(objectMember(candidate, 'circuit') ?? {}, 'state') !== null &&
    numberMember(objectMember(candidate, 'tokens') ?? {}, 'in') !== null &&
    CANDIDATE.every((name) => candidate[name] !== undefined) &&
    objectives.every((each) => isJsonObject(each) && objectMember(each, 'trial') !== null)
  );
}

function triedRule(rule: JsonObject): TriedRule {
  const outcome = stringMember(rule, 'outcome');
  return {
    at: stringMember(rule, 'at') ?? '',
    when: stringMember(rule, 'when'),
    outcome: outcome === 'matched' || outcome === 'failed' ? outcome : 'no',
    problem: stringMember(rule, 'problem'),
  };
}
