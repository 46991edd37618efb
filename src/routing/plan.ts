import type {
  CandidateDecision,
  CandidateInputs,
  CircuitView,
  Decision,
  DecisionInputs,
  ObjectiveVerdict,
} from '../core/decision.ts';
import type { Deployment } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import { toldFigure } from '../core/objective.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { CandidateReason } from '../core/record.ts';
import { decide } from './decide.ts';
import { MAX_COST, refusals, requireEligible, type Eligible, type ExcludedCandidate } from './eligible.ts';
import type { Target } from './resolve.ts';

/** Who is asked, in which order, with everything it was decided from. */
export interface Plan extends Eligible {
  /** In the order in which they are asked. */
  readonly candidates: readonly Deployment[];
  /** Who would answer were everybody well; anybody of another model is a fallback. `null`: nobody can. */
  readonly usual: Deployment | null;
  readonly inputs: DecisionInputs;
  readonly decision: Decision;
}

/** Decides who of those who can is asked, and in which order. */
export function planAttempts(eligible: Eligible, inputs: DecisionInputs): Plan {
  const decision = decide(inputs);
  const known = new Map(eligible.candidates.map((deployment) => [deployment.name, deployment]));
  const left = decision.candidates.filter(({ standing }) => standing === 'excluded');
  const usual = known.get(decision.usual ?? '') ?? null;
  return {
    target: eligible.target,
    promptPath: eligible.promptPath,
    fallback: eligible.fallback,
    candidates: decision.order.flatMap((name) => known.get(name) ?? []),
    excluded:
      left.length === 0
        ? eligible.excluded
        : eligible.excluded.concat(leftOut(left, known, eligible, inputs, usual?.model ?? null)),
    usual,
    inputs,
    decision,
  };
}

function leftOut(
  left: readonly CandidateDecision[],
  known: ReadonlyMap<string, Deployment>,
  eligible: Eligible,
  inputs: DecisionInputs,
  usualModel: string | null,
): readonly ExcludedCandidate[] {
  return left.flatMap((candidate) => {
    const deployment = known.get(candidate.deployment);
    const found = inputs.candidates.find((each) => each.deployment === candidate.deployment);
    if (deployment === undefined || found === undefined) return [];
    return [{ deployment, reasons: reasonsOf(candidate, found, eligible, usualModel) }];
  });
}

function reasonsOf(
  { excluded_by, objectives }: CandidateDecision,
  { circuit, model, stands_in }: CandidateInputs,
  { target }: Eligible,
  usualModel: string | null,
): readonly CandidateReason[] {
  switch (excluded_by) {
    case 'certificate': {
      const standing = stands_in?.find((each) => each.for === usualModel);
      const have = standing === undefined ? 'none' : `${standing.state}: ${standing.reason}`;
      const need = `${usualModel ?? 'the first'} → ${model}`;
      return [
        { rule: 'certificate', need, have, evidence: standing?.certificate ?? null, at: target.route?.at ?? null },
      ];
    }
    case 'fallback':
      return [{ rule: 'fallback', need: 'off', have: null, evidence: null, at: target.route?.at ?? null }];
    case 'objective':
      return reasonsOfMissed(objectives, target);
    default:
      return [shutReason(circuit)];
  }
}

/** Why somebody is not asked whose circuit lets nobody through. */
export function shutReason({ state, reason }: CircuitView): CandidateReason {
  const rule = state === 'cooling' ? 'rate_limited' : 'circuit';
  return { rule, need: 'closed', have: reason, evidence: 'measured', at: null };
}

function reasonsOfMissed(objectives: readonly ObjectiveVerdict[], { route }: Target): readonly CandidateReason[] {
  return objectives
    .filter(({ met }) => met === false)
    .map(({ name, limit, value }) => {
      const at = route?.objectives.find((each) => each.name === name)?.at ?? null;
      const [need, have] = [toldFigure(name, limit), toldFigure(name, value)];
      return { rule: `slo.${name}`, need, have, evidence: 'measured', at };
    });
}

/** What was decided on a deployment; `undefined`: it is none of those that can answer. */
export function decisionOn(deployment: string, plan: Plan): CandidateDecision | undefined {
  return plan.decision.candidates.find((each) => each.deployment === deployment);
}

const NOTHING_MISSED: readonly CandidateReason[] = [];

/** The objectives that a candidate misses, as reasons; it may be asked all the same. */
export function missedObjectives(deployment: string, plan: Plan): readonly CandidateReason[] {
  const decided = decisionOn(deployment, plan);
  const isMissed = decided?.objectives.some(({ met }) => met === false) ?? false;
  return decided === undefined || !isMissed ? NOTHING_MISSED : reasonsOfMissed(decided.objectives, plan.target);
}

/**
 * Ends a request that nobody is asked for, once the reasons are in its record.
 * @param passedOver those of the plan who could not be asked when their turn came
 * @throws GatewayError as `requireEligible`, also where all of the plan were too dear in the end; else `upstream_rate_limited` when every vendor asked to be left alone,
 * `no_available_deployment` when circuits are open or objectives missed
 */
export function requireCandidate(plan: Plan, passedOver: readonly ExcludedCandidate[] = []): void {
  if (plan.candidates.length > passedOver.length) return;
  const isTooDear = passedOver.length > 0 && passedOver.every(({ reasons }) => reasons[0]?.rule === MAX_COST);
  const excluded = plan.excluded.concat(passedOver);
  if (plan.usual === null || isTooDear) requireEligible({ ...plan, candidates: [], excluded });
  const { candidates } = plan.inputs;
  const shut = candidates.filter(({ circuit }) => circuit.state !== 'closed');
  const waits = shut.flatMap(({ circuit }) => circuit.retry_in_ms ?? []);
  const retryAfterMs = waits.length === 0 ? SHORTEST_WAIT_MS : Math.max(SHORTEST_WAIT_MS, Math.min(...waits));
  const options = { details: { attempts: [], refused: refusals(excluded) }, retryAfterMs };
  const late = new Map(passedOver.map(({ deployment, reasons }) => [deployment.name, reasons[0]]));
  const why = plan.decision.candidates.map((each) => whyNot(each, plan, late.get(each.deployment))).join('; ');
  const areAllCooling = plan.decision.candidates.every(
    ({ deployment, excluded_by }) => excluded_by === 'cooling' || late.get(deployment)?.rule === 'rate_limited',
  );
  const uncertified = missingCertificates(plan);
  if (uncertified.length > 0) throw noCertifiedFallback(plan, why, options.details);
  if (areAllCooling) throw new GatewayError('upstream_rate_limited', `nobody may be asked now: ${why}`, options);
  throw new GatewayError('no_available_deployment', `nobody is asked now: ${why}`, options);
}

/** Those who could answer had they a certificate. */
export function missingCertificates(plan: Plan): readonly ExcludedCandidate[] {
  const usable = (deployment: string): boolean => {
    const state = plan.inputs.candidates.find((each) => each.deployment === deployment)?.circuit.state;
    return state === 'closed' || state === 'half_open';
  };
  const uncertified = plan.decision.candidates.filter(({ excluded_by }) => excluded_by === 'certificate');
  const names = new Set(uncertified.map(({ deployment }) => deployment).filter(usable));
  return plan.excluded.filter(({ deployment }) => names.has(deployment.name));
}

function wordOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** The error of a request that only somebody could answer who has not earned it. @param why what became of the others */
export function noCertifiedFallback(plan: Plan, why: string, details: JsonObject): GatewayError {
  const missing = missingCertificates(plan).map(({ reasons }) => {
    const [reason] = reasons;
    return `${wordOf(reason?.need)} (${wordOf(reason?.have)})`;
  });
  const route = plan.target.route?.name ?? '';
  return new GatewayError(
    'no_certified_fallback',
    `on the route \`${route}\` nobody is left who may stand in: ${missing.join('; ')}; ${why}`,
    {
      details,
      fix: `Run \`candor compare ${route}\` to gather the evidence, or write \`fallback: degraded\` and take the answer marked.`,
    },
  );
}

/** What is advised where nobody knows how long it takes. */
const SHORTEST_WAIT_MS = 1000;

function whyNot(
  { deployment, excluded_by, objectives }: CandidateDecision,
  plan: Plan,
  late: CandidateReason | undefined,
): string {
  if (late !== undefined)
    return `the circuit of ${deployment} lets nobody through by now (${JSON.stringify(late.have)})`;
  const circuit = plan.inputs.candidates.find((each) => each.deployment === deployment)?.circuit;
  if (excluded_by === 'objective') {
    const missed = objectives.filter(({ met }) => met === false).map(({ name, reason }) => `${name}: ${reason}`);
    return `${deployment} misses an objective (${missed.join(', ')})`;
  }
  if (excluded_by === 'certificate') return `${deployment} has no certificate`;
  if (excluded_by === 'fallback') return `${deployment} is another model, and fallback is off`;
  return `the circuit of ${deployment} is ${circuit?.state} (${circuit?.reason})`;
}
