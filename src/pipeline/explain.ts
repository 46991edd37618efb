import { costOf } from '../catalog/prices.ts';
import { withoutContent, type Adjustment } from '../core/adjustment.ts';
import type { ChatRequest, DryRun } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { ERRORS, GatewayError } from '../core/errors.ts';
import { FAILURES } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { usdFromNano } from '../core/money.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { CandidateReason } from '../core/record.ts';
import type { Configuration } from '../core/route.ts';
import { adapt } from '../prompts/adapt.ts';
import { planAttempts, requireCandidate, type Plan } from '../routing/plan.ts';
import { resolveTarget } from '../routing/resolve.ts';
import { checkRequestSchema } from '../validation/run.ts';
import type { Steps } from './exchange.ts';
import { MAX_ATTEMPTS } from './handle-chat.ts';

/** Whom an attempt after the first stands in for, and why it would be made: nothing has failed yet. */
const ASSUMED_FAILURE = FAILURES.overloaded.code;
const EXHAUSTED = { http: ERRORS.attempts_exhausted.status, code: 'attempts_exhausted' } as const;

interface Dry {
  readonly request: ChatRequest;
  readonly plan: Plan;
  readonly dryRun: DryRun;
  readonly steps: Steps;
}

/**
 * What would happen to this request now, by the very planner that requests go through; nothing is
 * sent. What is not known is `null`: there is no telemetry yet, so speeds and circuits are.
 * @throws GatewayError for what the request itself would be refused for before it is planned
 */
export function explain(request: ChatRequest, configuration: Configuration, steps: Steps): JsonObject {
  const { directives } = request;
  const dryRun = directives.dryRun ?? { outages: [], promptTokens: null };
  for (const name of dryRun.outages) requireKnown(name, configuration);
  const target = resolveTarget(request.asked, directives.route, configuration);
  checkRequestSchema(request, steps.validation);
  const plan = planAttempts(request, target);
  const usable = plan.candidates.filter((deployment) => outageOf(deployment, dryRun) === null);
  const tried = usable.slice(0, MAX_ATTEMPTS);
  const dry: Dry = { request, plan, dryRun, steps };
  const model = configuration.models.get(request.asked);
  return {
    object: 'explanation',
    config: configuration.hash,
    asked: request.asked,
    route: target.route?.name ?? null,
    chosen_by: {
      by: directives.route === null ? 'model' : 'header',
      at: target.route?.at ?? model?.at ?? target.candidates[0]?.at ?? null,
    },
    data: ['public'],
    candidates: target.candidates.map((deployment) => candidate(deployment, dry)),
    plan: tried.map((deployment) => {
      const { template, adjustments } = adapted(deployment, dry);
      return { deployment: deployment.name, template, adjustments: adjustments.map((each) => ({ ...each })) };
    }),
    then: whenAllFail(plan, tried, dryRun),
    notes: notes(plan, usable, configuration),
  };
}

/** A what-if about something that does not exist would be answered as if nothing were out. */
function requireKnown(name: string, configuration: Configuration): void {
  const names = [...configuration.deployments.values()].flatMap((each) => [each.provider, each.model, each.name]);
  if (names.includes(name)) return;
  const near = nearestName(name, names);
  throw new GatewayError(
    'invalid_request',
    `\`candor.if\` names \`${name.slice(0, 80)}\`, which is no provider, model or deployment${near === null ? '' : `: did you mean \`${near}\`?`}`,
    { param: 'candor.if' },
  );
}

/** What of a deployment is taken to be out; `null` when it is up. */
function outageOf(deployment: Deployment, dryRun: DryRun): string | null {
  const { provider, model, name } = deployment;
  return dryRun.outages.find((out) => out === provider || out === model || out === name) ?? null;
}

function candidate(deployment: Deployment, dry: Dry): JsonObject {
  const excluded = dry.plan.excluded.find((each) => each.deployment.name === deployment.name);
  const out = outageOf(deployment, dry.dryRun);
  const assumed: CandidateReason = { rule: 'if', need: 'up', have: `outage=${out}`, evidence: null, at: null };
  const reasons = [...(excluded?.reasons ?? []), ...(out === null ? [] : [assumed])];
  const { price } = deployment;
  return {
    deployment: deployment.name,
    verdict: reasons.length === 0 ? 'eligible' : 'excluded',
    reasons: reasons.map((reason) => ({ ...reason })),
    circuit: null,
    objectives: [],
    price:
      price === null
        ? null
        : {
            in: price.inputUsdPerMillion,
            out: price.outputUsdPerMillion,
            cached: price.cachedInputUsdPerMillion,
            as_of: price.asOf,
            source: price.source,
          },
    estimate: {
      ttft_p50_ms: null,
      ttft_p95_ms: null,
      cost: null,
      cost_band: excluded === undefined ? costBand(deployment, dry) : null,
      n: 0,
    },
  };
}

/** From an answer of no tokens to one as long as it may be, in USD; `null` when one of the ends is not known. */
function costBand(deployment: Deployment, dry: Dry): readonly number[] | null {
  const { promptTokens } = dry.dryRun;
  const { outputCap } = adapted(deployment, dry);
  if (promptTokens === null || deployment.price === null || outputCap === null) return null;
  const { price } = deployment;
  const cost = (completionTokens: number): number | null =>
    usdFromNano(
      costOf(
        {
          promptTokens,
          completionTokens,
          totalTokens: promptTokens + completionTokens,
          cachedTokens: null,
          cacheWriteTokens: null,
          reasoningTokens: null,
          source: 'reported',
        },
        price,
      ),
    );
  const least = cost(0);
  const most = cost(outputCap);
  return least === null || most === null ? null : [least, most];
}

interface AdaptedCandidate {
  readonly template: string | null;
  readonly adjustments: readonly Adjustment[];
  /** How long the answer may be, in tokens; `null`: as long as the vendor lets it. */
  readonly outputCap: number | null;
}

/** What this deployment would be sent: adapted and encoded as in earnest. */
function adapted(deployment: Deployment, { request, plan, steps }: Dry): AdaptedCandidate {
  const usual = plan.candidates[0]?.model ?? deployment.model;
  const substitution = usual === deployment.model ? null : { usualModel: usual, reason: ASSUMED_FAILURE };
  const fitted = adapt(request, deployment, plan.target.route, substitution);
  const encoded = steps.providers.get(deployment.kind)?.encode(fitted, deployment);
  const adjustments = [...fitted.adjustments, ...(encoded?.adjustments ?? [])].map(withoutContent);
  const cap =
    fitted.parameters['max_completion_tokens'] ??
    fitted.parameters['max_tokens'] ??
    adjustments.find((each) => each.param === 'max_tokens')?.sent;
  return { template: fitted.template, adjustments, outputCap: typeof cap === 'number' ? cap : null };
}

/** What the client hears when nobody of the plan answers. Of a single candidate that is its own failure, not known before. */
function whenAllFail(plan: Plan, tried: readonly Deployment[], dryRun: DryRun): JsonObject {
  if (tried.length === 1) return { http: null, code: null };
  if (tried.length > 1) return EXHAUSTED;
  try {
    requireCandidate(plan);
  } catch (error) {
    if (error instanceof GatewayError) return { http: error.status, code: error.code };
    throw error;
  }
  // All of them are out, by what was asked to be assumed.
  const several = plan.candidates.length > 1 && dryRun.outages.length > 0;
  return several ? EXHAUSTED : { http: null, code: null };
}

function notes(plan: Plan, usable: readonly Deployment[], configuration: Configuration): readonly string[] {
  const found: string[] = ['no speeds are measured yet: times and circuits are null'];
  const [only] = usable;
  if (usable.length === 1 && only !== undefined) {
    found.push(`one candidate only: when ${only.name} fails, the request fails`);
  }
  if (usable.length > MAX_ATTEMPTS) found.push(`a request is sent to ${MAX_ATTEMPTS} candidates at most`);
  const models = new Set(usable.map((deployment) => deployment.model));
  if (plan.target.route !== null && models.size > 1) {
    found.push('a fallback to another model would be marked degraded (uncertified)');
  }
  if (usable.some((deployment) => deployment.simulated)) {
    found.push(`config ${configuration.hash} simulates providers: their prices are those of the real models`);
  }
  return found;
}
