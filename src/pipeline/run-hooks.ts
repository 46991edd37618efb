import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Answer } from '../core/answer.ts';
import { hookAnswer } from '../core/hook-answer.ts';
import type { HookContext } from '../core/hook-functions.ts';
import type { HookAccess, HookTerms } from '../core/hooks.ts';
import { parseJson, type JsonObject } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { runConfidenceHook } from '../hooks/confidence-hook.ts';
import { runParamsHook } from '../hooks/params-hook.ts';
import { runPromptHook } from '../hooks/prompt-hook.ts';
import { runTaskHook } from '../hooks/task-hook.ts';
import { fitOutputCap } from '../prompts/fit-to-model.ts';
import { hookAccess } from '../hooks/validate-hook.ts';
import { roughPromptTokens } from '../routing/rough-size.ts';
import type { Attempt } from './attempt.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';
import type { Turn } from './turn.ts';

/**
 * The route the operator's hook chooses for `model: auto`; `null`: there is none, or it chooses none.
 * @throws GatewayError `hook_error`
 */
export async function hookedTask(generation: Generation, steps: Steps): Promise<string | null> {
  const { request, configuration } = generation.exchange;
  const { task } = configuration.hooks;
  if (task === null || request.asked !== 'auto' || request.directives.route !== null) return null;
  const terms = hookTerms(generation, null, steps);
  return runTaskHook(request, roughPromptTokens(request), task, configuration.routes, terms);
}

/** The request with the prompt and the parameters as the hooks of its model want them. @throws GatewayError `hook_error` */
export async function hookedRequest(
  adapted: AdaptedRequest,
  turn: Turn,
  generation: Generation,
  steps: Steps,
): Promise<AdaptedRequest> {
  const { deployment } = turn;
  const { request, configuration } = generation.exchange;
  const { hooks } = configuration;
  const prompt = hooks.prompt.get(deployment.model);
  const params = hooks.params.get(deployment.model);
  if (prompt === undefined && params === undefined) return adapted;
  const number = generation.attempts.length + 1;
  const terms = hookTerms(generation, number, steps);
  const context = contextOf(generation, deployment, number);
  const prompted = prompt === undefined ? adapted : await runPromptHook(adapted, prompt, context, terms);
  if (params === undefined) return prompted;
  const rules = [generation.plan?.target.route?.params ?? new Map(), deployment.params];
  const hooked = await runParamsHook(prompted, params, context, rules, terms);
  // A hook may cap what nobody has capped, and at more than the model can write.
  const { capabilities, kind } = deployment;
  const capped = fitOutputCap(hooked.parameters, capabilities, kind, request.parameters);
  return { ...hooked, parameters: capped.value, adjustments: hooked.adjustments.concat(capped.adjustments) };
}

const NO_ACCESS: HookAccess = {
  run: (name) => Promise.resolve({ validator: `hook:${name}`, outcome: 'abstain', reason: 'the config has no hooks' }),
};

/** The checks among the hooks, for the answer of an attempt; none is waited for when the request has ended. */
export function hookedChecks(
  attempt: Attempt,
  generation: Generation,
  interruption: Interruption,
  steps: Steps,
): HookAccess {
  const { hooks } = generation.exchange.configuration;
  if (hooks.validate.size === 0) return NO_ACCESS;
  const context = contextOf(generation, attempt.deployment, attempt.number);
  const terms = hookTerms(generation, attempt.number, steps);
  return hookAccess(hooks, context, { ...terms, onEnd: (callback) => interruption.onInterrupted(callback) });
}

/** The raw score that the operator's hook gives an answer; `null`: there is no such hook, or it gives none. */
export async function hookedScore(
  answer: Answer,
  attempt: Attempt,
  known: { readonly checks: readonly Verdict[]; readonly signals: JsonObject },
  generation: Generation,
  steps: Steps,
): Promise<number | null> {
  const { confidence } = generation.exchange.configuration.hooks;
  if (confidence === null) return null;
  const context = { ...contextOf(generation, attempt.deployment, attempt.number), ...known };
  const readable = hookAnswer(answer, () => parseJson(answer.text ?? ''));
  return runConfidenceHook(readable, confidence, context, hookTerms(generation, attempt.number, steps));
}

/** Hands the record to the operator's hook, which nobody waits for. */
export function hookedRecord({ exchange, recorded }: Generation, steps: Steps): void {
  const { onRecord } = exchange.configuration.hooks;
  if (onRecord !== null && recorded !== null) steps.deliveries.offer(onRecord, recorded);
}

function hookTerms(generation: Generation, attempt: number | null, steps: Steps): HookTerms {
  return {
    watch: (delayMs, onExpire) => steps.transport.watch(delayMs, onExpire),
    now: () => steps.clock.now(),
    note: (run) => generation.hookRuns.push({ attempt, ...run }),
    warn: (sentence, cause) => steps.reportFault(generation.exchange.id, new Error(sentence, { cause })),
  };
}

function contextOf(generation: Generation, deployment: Attempt['deployment'], attempt: number): HookContext {
  const { exchange, plan } = generation;
  const { request }: Exchange = exchange;
  const last = generation.attempts.findLast(({ failed }) => failed?.kind === 'validation_failed');
  const invalid = last?.validation.verdicts.filter(({ outcome }) => outcome !== 'pass') ?? [];
  return {
    route: plan?.target.route?.name ?? null,
    model: deployment.model,
    deployment: deployment.name,
    attempt,
    asked: request.asked,
    stream: request.stream,
    tags: request.directives.tags,
    lastInvalid:
      last === undefined
        ? null
        : invalid.map(({ validator, reason, place }) => ({ validator, reason, place: place ?? null })),
    reason: generation.substitutionBy(deployment)?.reason ?? null,
  };
}
