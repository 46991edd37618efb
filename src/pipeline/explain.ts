import { inClientsWords, withoutContent, type Adjustment } from '../core/adjustment.ts';
import type { ChatRequest, DryRun } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { ERRORS, GatewayError } from '../core/errors.ts';
import { FAILURES } from '../core/failure.ts';
import type { JsonObject } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { CandidateReason } from '../core/record.ts';
import type { Configuration } from '../core/route.ts';
import { adapt } from '../prompts/adapt.ts';
import { planAttempts, requireCandidate, type Plan } from '../routing/plan.ts';
import { resolveTarget } from '../routing/resolve.ts';
import { checkRequestSchema } from '../validation/run.ts';
import type { CountedPrompt, TokenCount } from '../tokens/token-count.ts';
import { estimateCost } from './estimate-cost.ts';
import type { Steps } from './exchange.ts';
import { MAX_ATTEMPTS } from './handle-chat.ts';
import { leastPromptTokens } from './prompt-size.ts';

/** Whom an attempt after the first stands in for, and why it would be made: nothing has failed yet. */
const ASSUMED_FAILURE = FAILURES.overloaded.code;
const EXHAUSTED = { http: ERRORS.attempts_exhausted.status, code: 'attempts_exhausted' } as const;

interface Dry {
  readonly request: ChatRequest;
  readonly plan: Plan;
  readonly dryRun: DryRun;
  readonly steps: Steps;
  readonly wallTimeMs: number;
  /** Tokens of the prompt by deployment that can answer. */
  readonly promptTokens: ReadonlyMap<string, TokenCount>;
}

/**
 * What would happen to this request now, by the very planner that requests go through; nothing is
 * sent. What is not known is `null`: there is no telemetry yet, so speeds and circuits are.
 * @throws GatewayError for what the request itself would be refused for before it is planned
 */
export async function explain(request: ChatRequest, configuration: Configuration, steps: Steps): Promise<JsonObject> {
  const { directives } = request;
  const dryRun = directives.dryRun ?? { outages: [], promptTokens: null };
  for (const name of dryRun.outages) requireKnown(name, configuration);
  const target = resolveTarget(request.asked, directives.route, configuration);
  checkRequestSchema(request, steps.validation);
  const given = dryRun.promptTokens;
  const least =
    given === null
      ? await leastPromptTokens(request, target.candidates, steps.tokens)
      : new Map(target.candidates.map(({ name }) => [name, given]));
  const plan = planAttempts(request, target, least);
  const usable = plan.candidates.filter((deployment) => outageOf(deployment, dryRun) === null);
  const tried = usable.slice(0, MAX_ATTEMPTS);
  const promptTokens = await countPrompts(request, plan, dryRun, steps);
  const dry: Dry = { request, plan, dryRun, steps, wallTimeMs: steps.clock.wallTime(), promptTokens };
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
    notes: notes(dry, usable, configuration),
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
  const rates = price?.ratesAt(dry.wallTimeMs, 0) ?? null;
  const estimate = estimateCost({
    price,
    prompt: dry.promptTokens.get(deployment.name) ?? null,
    answers: dry.steps.answerLengths.spread(dry.plan.target.route?.name ?? null, deployment.name),
    outputCap: excluded === undefined ? adapted(deployment, dry).outputCap : null,
    wallTimeMs: dry.wallTimeMs,
  });
  return {
    deployment: deployment.name,
    verdict: reasons.length === 0 ? 'eligible' : 'excluded',
    reasons: reasons.map((reason) => ({ ...reason })),
    circuit: null,
    objectives: [],
    price:
      price === null || rates === null
        ? null
        : {
            in: rates.input,
            out: rates.output,
            cached: rates.cachedInput,
            as_of: price.asOf,
            age_days: price.ageDays(dry.wallTimeMs),
            source: price.source,
          },
    estimate: {
      ttft_p50_ms: null,
      ttft_p95_ms: null,
      cost: estimate.cost,
      cost_band: estimate.band,
      n: estimate.answers,
    },
  };
}

interface AdaptedCandidate {
  readonly template: string | null;
  readonly adjustments: readonly Adjustment[];
  /** How long the answer may be, in tokens; `null`: as long as the vendor lets it. */
  readonly outputCap: number | null;
  readonly prompt: CountedPrompt;
}

/** What the prompt of each candidate counts, adapted as in earnest; as many as were given, where they were. */
async function countPrompts(
  request: ChatRequest,
  plan: Plan,
  dryRun: DryRun,
  steps: Steps,
): Promise<ReadonlyMap<string, TokenCount>> {
  const given = dryRun.promptTokens;
  const counts = plan.candidates.map(async (deployment): Promise<[string, TokenCount]> => {
    if (given !== null) return [deployment.name, { count: given, method: 'exact', errorBand: 0, isLowerBound: false }];
    const { prompt } = adapted(deployment, { request, plan, steps });
    return [deployment.name, await steps.tokens.count(prompt, deployment)];
  });
  return new Map(await Promise.all(counts));
}

/** What this deployment would be sent: adapted and encoded as in earnest. */
function adapted(
  deployment: Deployment,
  { request, plan, steps }: Pick<Dry, 'request' | 'plan' | 'steps'>,
): AdaptedCandidate {
  const usual = plan.candidates[0]?.model ?? deployment.model;
  const substitution = usual === deployment.model ? null : { usualModel: usual, reason: ASSUMED_FAILURE };
  const fitted = adapt(request, deployment, plan.target.route, substitution);
  const encoded = steps.providers.get(deployment.kind)?.encode(fitted, deployment);
  const made = [...fitted.adjustments, ...(encoded?.adjustments ?? [])];
  const adjustments = made.map((each) => withoutContent(inClientsWords(each, request)));
  const cap =
    fitted.parameters['max_completion_tokens'] ??
    fitted.parameters['max_tokens'] ??
    made.find((each) => each.param === 'max_tokens')?.sent;
  const prompt = {
    messages: fitted.messages,
    tools: request.tools,
    responseFormat: fitted.responseFormat,
    embedding: request.embedding,
  };
  return { template: fitted.template, adjustments, outputCap: typeof cap === 'number' ? cap : null, prompt };
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

function notes(dry: Dry, usable: readonly Deployment[], configuration: Configuration): readonly string[] {
  const { plan } = dry;
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
  for (const { name, capabilities } of usable) {
    if (capabilities.limits.contextTokens !== null || capabilities.features.has('embeddings')) continue;
    found.push(`the window of ${name} is not known: no prompt is too long for it beforehand`);
  }
  for (const [name, counted] of dry.promptTokens) found.push(`the prompt at ${name}: ${countText(counted)}`);
  return found;
}

function countText({ count, method, errorBand, isLowerBound }: TokenCount): string {
  const band = method === 'exact' ? 'exactly' : `estimated, ±${Math.round(errorBand * 100)} %`;
  return `${isLowerBound ? 'more than ' : ''}${count} tokens (${band})`;
}
