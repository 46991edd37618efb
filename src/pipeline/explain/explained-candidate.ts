import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CandidateReason } from '../../core/record.ts';
import { templateFor } from '../../prompts/model-scope.ts';
import { decisionOn } from '../../routing/plan.ts';
import { keysOf } from '../decision-inputs.ts';
import { estimateCost } from '../estimate-cost.ts';
import { expectedAnswer } from '../expected-answer.ts';
import type { DryPlan } from './dry-plan.ts';
import { explainedEstimate, explainedObjective } from './explained-figures.ts';

/** One candidate of a plan: whether it may answer, what is held against it, what is known of it. */
export function explainedCandidate(deployment: Deployment, dry: DryPlan): JsonObject {
  const { plan, world } = dry;
  const { name } = deployment;
  const assumed = world.circuit(deployment);
  const circuit = assumed ?? world.steps.circuits.view(name, keysOf(deployment));
  const excluded = plan.excluded.find((each) => each.deployment.name === name);
  const decision = decisionOn(name, plan);
  const standing = plan.inputs.candidates.find((each) => each.deployment === name)?.stands_in ?? [];
  const template = templateFor(deployment, plan.target.route);
  const reasons = (excluded?.reasons ?? []).map((reason): CandidateReason =>
    assumed !== null && reason.rule === 'circuit' ? { ...reason, evidence: 'assumed' } : reason,
  );
  return {
    deployment: name,
    verdict: excluded === undefined ? 'eligible' : 'excluded',
    reasons: reasons.map((reason) => ({ ...reason })),
    circuit: circuit.state,
    stands_in: standing.map((each) => ({ ...each })),
    prompt: template === null ? null : { file: template.file, at: template.at },
    objectives: decision?.objectives.map(explainedObjective) ?? [],
    price: explainedPrice(deployment, dry),
    estimate: estimateOf(deployment, dry),
  };
}

function explainedPrice({ name, price }: Deployment, { world, promptTokens }: DryPlan): JsonObject | null {
  const wallTimeMs = world.steps.clock.wallTime();
  const rates = price?.ratesAt(wallTimeMs, promptTokens.get(name)?.count ?? 0) ?? null;
  if (price === null || rates === null) return null;
  return {
    in: rates.input,
    out: rates.output,
    cached: rates.cachedInput,
    as_of: price.asOf,
    age_days: price.ageDays(wallTimeMs),
    source: price.source,
  };
}

function estimateOf({ name, price }: Deployment, { request, plan, world, adapted, promptTokens }: DryPlan): JsonObject {
  const { steps } = world;
  const answers = steps.answerLengths.spread(plan.target.route?.name ?? null, name);
  const grounds = {
    price,
    prompt: promptTokens.get(name) ?? null,
    outputCap: adapted.get(name)?.outputCap ?? null,
    choices: expectedAnswer(request).choices,
    wallTimeMs: steps.clock.wallTime(),
  };
  const { cost: measured, band } = estimateCost({ ...grounds, answers });
  const tokens = request.directives.dryRun?.answerTokens ?? null;
  const assumed = answers !== null || tokens === null ? null : { median: tokens, low: 0, high: tokens, answers: 0 };
  const cost = assumed === null ? measured : estimateCost({ ...grounds, answers: assumed }).cost;
  const ttft = plan.inputs.candidates.find(({ deployment }) => deployment === name)?.ttft ?? null;
  return explainedEstimate(ttft, { cost, band, answers: answers?.answers ?? null });
}
