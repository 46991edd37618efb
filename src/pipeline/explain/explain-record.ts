import type { CandidateInputs, Decision } from '../../core/decision.ts';
import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { usdFromNano } from '../../core/money.ts';
import type { DecisionRecord } from '../../core/record.ts';
import { decide } from '../../routing/decide.ts';
import { decisionNotes, ruleNotes } from './decision-notes.ts';
import { explainedEstimate, explainedObjective } from './explained-figures.ts';
import { readDecision } from './read-decision.ts';

/**
 * Why a request of the past went where it went, from its record alone: the decision is made again from what it was made
 * from then, and `decided_again` says whether it comes out as recorded. Without a recorded decision only the candidates
 * are told, and a note says so.
 */
export function explainRecord(record: JsonObject): JsonObject {
  const recorded = readDecision(record);
  const again = recorded === null ? null : decide(recorded.inputs);
  const rules = recorded?.rules ?? [];
  return {
    object: 'explanation',
    generation: record['id'] ?? null,
    config: record['config'] ?? null,
    asked: record['asked'] ?? null,
    route: record['route'] ?? null,
    chosen_by: chosenBy(record, recorded),
    rules: rules.map((rule) => ({ ...rule })),
    data: record['data'] ?? [],
    candidates: arrayMember(record, 'candidates')
      .filter(isJsonObject)
      .map((candidate) => explainedCandidate(candidate, recorded, again)),
    plan: recorded?.order.map((deployment) => attemptOf(deployment, record)) ?? [],
    then: {
      http: numberMember(record, 'http'),
      code: stringMember(objectMember(record, 'error') ?? {}, 'code'),
    },
    decided_again:
      recorded === null || again === null
        ? null
        : { same: isSame(recorded, again), order: [...again.order], usual: again.usual },
    notes: [whatHappened(record), ...ruleNotes(rules), ...replayNotes(recorded, again)],
  };
}

/** Whether a request's route was chosen by rules, as the record tells it. */
export function wasRuled(record: JsonObject): boolean {
  return (readDecision(record)?.rules.length ?? 0) > 0;
}

/** Of what was named the record does not keep the line. */
function chosenBy(record: JsonObject, recorded: DecisionRecord | null): JsonObject {
  const rule = recorded?.rules.find(({ outcome }) => outcome === 'matched');
  if (rule !== undefined) return { by: 'rule', at: rule.at };
  const hook = arrayMember(record, 'hooks').find(
    (run) => isJsonObject(run) && run['hook'] === 'task' && run['outcome'] === 'ok',
  );
  if (isJsonObject(hook)) return { by: 'hook', at: hook['at'] ?? null };
  const route = stringMember(record, 'route');
  return { by: route === null || route === stringMember(record, 'asked') ? 'model' : 'header', at: null };
}

function explainedCandidate(
  candidate: JsonObject,
  recorded: DecisionRecord | null,
  again: Decision | null,
): JsonObject {
  const name = stringMember(candidate, 'deployment') ?? '';
  const isOf = (each: { readonly deployment: string }): boolean => each.deployment === name;
  const inputs = recorded?.inputs.candidates.find(isOf);
  const decision = again?.candidates.find(isOf);
  return {
    deployment: name,
    verdict: stringMember(candidate, 'verdict') === 'excluded' ? 'excluded' : 'eligible',
    reasons: candidate['reasons'] ?? [],
    circuit: inputs?.circuit.state ?? null,
    stands_in: (inputs?.stands_in ?? []).map((each) => ({ ...each })),
    objectives: decision?.objectives.map(explainedObjective) ?? [],
    price: recordedPrice(inputs),
    estimate: explainedEstimate(inputs?.ttft ?? null, {
      cost: usdFromNano(decision?.expected_cost_nano_usd ?? null),
      band: null,
      answers: null,
    }),
  };
}

/** Decisions record the price only where it had a bearing, and no more of it. */
function recordedPrice(inputs: CandidateInputs | undefined): JsonObject | null {
  const price = inputs?.price ?? null;
  return price === null
    ? null
    : { in: price.in, out: price.out, cached: null, as_of: null, age_days: null, source: null };
}

/** What it was sent changed, where it was asked. */
function attemptOf(deployment: string, record: JsonObject): JsonObject {
  const attempts = arrayMember(record, 'attempts').filter(isJsonObject);
  const attempt = attempts.find((each) => each['deployment'] === deployment) ?? {};
  return { deployment, template: attempt['template'] ?? null, adjustments: attempt['adjustments'] ?? [] };
}

function isSame(recorded: DecisionRecord, again: Pick<Decision, 'order' | 'usual'>): boolean {
  return again.usual === recorded.usual && again.order.join('\n') === recorded.order.join('\n');
}

function whatHappened(record: JsonObject): string {
  const at = stringMember(record, 'created_at') ?? '';
  const config = stringMember(record, 'config') ?? '';
  return `then (${at}, config ${config}): ${stringMember(record, 'why') ?? 'it has not ended, or its end is not known'}`;
}

function replayNotes(recorded: DecisionRecord | null, again: Decision | null): readonly string[] {
  if (recorded === null || again === null) {
    return ['its record holds no decision that can be made again: nothing was decided, or another version recorded it'];
  }
  const notes = decisionNotes(recorded.inputs, again);
  if (isSame(recorded, again)) return ['decided again from what is recorded, the order is the same', ...notes];
  const order = again.order.length === 0 ? 'nobody' : again.order.join(', ');
  return [
    `decided again from what is recorded, the order is another (${order}): another version decided then`,
    ...notes,
  ];
}
