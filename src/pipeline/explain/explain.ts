import type { ChatRequest } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { ERRORS, GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { TriedRule } from '../../core/record.ts';
import type { Configuration } from '../../core/route.ts';
import { missingCertificates, requireCandidate, type Plan } from '../../routing/plan.ts';
import type { ChosenBy, Target } from '../../routing/resolve.ts';
import { checkRequestSchema } from '../../validation/run.ts';
import type { Aside } from '../aside.ts';
import type { Steps } from '../exchange.ts';
import { targetOf, triedRules } from '../target-of.ts';
import { MAX_ATTEMPTS } from '../turns.ts';
import { ruleNotes } from './decision-notes.ts';
import { planDry, type DryPlan } from './dry-plan.ts';
import { explainedCandidate } from './explained-candidate.ts';
import { planNotes } from './plan-notes.ts';

/**
 * What would happen to this request now, by the very planner that requests go through; nothing is sent, and nobody's
 * turn is used up. What is not known is `null`. A plan that leaves nobody is explained like any other.
 * @param aside set where Candor itself would ask
 * @throws GatewayError for what the request itself would be refused for before it is planned, and for a what-if about
 * something that does not exist
 */
export async function explain(
  request: ChatRequest,
  configuration: Configuration,
  steps: Steps,
  aside?: Aside,
): Promise<JsonObject> {
  const found = findTarget(request, configuration, aside);
  if (found instanceof GatewayError) return explainNoRule(found, request, configuration);
  checkRequestSchema(request, steps.validation);
  const dry = await planDry(request, found, configuration, steps, aside);
  const { plan } = dry;
  const tried = plan.candidates.slice(0, MAX_ATTEMPTS);
  return {
    ...introduction(request, configuration, found.chosenBy, found.rules),
    route: found.route?.name ?? null,
    candidates: dry.world.target.candidates.map((deployment) => explainedCandidate(deployment, dry)),
    plan: tried.map((deployment) => plannedAttempt(deployment, dry)),
    then: whenAllFail(plan, tried.length),
    notes: [...ruleNotes(found.rules), ...planNotes(dry)],
  };
}

/** The members that need no plan. */
function introduction(
  { asked }: ChatRequest,
  { hash }: Configuration,
  chosenBy: ChosenBy,
  rules: readonly TriedRule[],
): JsonObject {
  return {
    object: 'explanation',
    config: hash,
    asked,
    route: null,
    chosen_by: { ...chosenBy },
    rules: rules.map((rule) => ({ ...rule })),
    data: ['public'],
  };
}

/** The refusal, where the rules leave a request without a route: that is a plan too. */
function findTarget(request: ChatRequest, configuration: Configuration, aside?: Aside): Target | GatewayError {
  try {
    return targetOf({ request, configuration, ...(aside === undefined ? {} : { aside }) });
  } catch (error) {
    // Rules are tried only where nothing was named; that a name is unknown has another code.
    const isByRules = configuration.rules.length > 0 && request.directives.route === null;
    if (isByRules && error instanceof GatewayError && error.code === 'invalid_request') return error;
    throw error;
  }
}

function explainNoRule(refusal: GatewayError, request: ChatRequest, configuration: Configuration): JsonObject {
  const rules = triedRules(request, configuration);
  return {
    ...introduction(request, configuration, { by: 'rule', at: null }, rules),
    candidates: [],
    plan: [],
    then: { http: refusal.status, code: refusal.code },
    notes: [refusal.message, ...ruleNotes(rules)],
  };
}

function plannedAttempt({ name }: Deployment, { adapted }: DryPlan): JsonObject {
  const found = adapted.get(name);
  return {
    deployment: name,
    template: found?.template ?? null,
    adjustments: found?.adjustments.map((each) => ({ ...each })) ?? [],
  };
}

/** What the client hears when nobody of the plan answers. Of a single candidate that is its own failure, not known before. */
function whenAllFail(plan: Plan, tried: number): JsonObject {
  if (missingCertificates(plan).length > 0) {
    return { http: ERRORS.no_certified_fallback.status, code: 'no_certified_fallback' };
  }
  if (tried === 1) return { http: null, code: null };
  if (tried > 1) return { http: ERRORS.attempts_exhausted.status, code: 'attempts_exhausted' };
  try {
    requireCandidate(plan);
  } catch (error) {
    if (error instanceof GatewayError) return { http: error.status, code: error.code };
    throw error;
  }
  throw new TypeError('a plan without candidates was not refused');
}
