import {
  applyHints,
  featureOfParameter,
  isNeutral,
  nativeSchema,
  type Capabilities,
  type Feature,
  type Requirement,
} from '../core/capabilities.ts';
import { mappedValue } from '../core/hint-rule.ts';
import { clientPath, type ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { fitReasoning } from '../core/fit-reasoning.ts';
import type { CandidateReason } from '../core/record.ts';
import type { FallbackTerms } from '../core/substitution.ts';
import { chatOnlyWords, embeddingModel } from './embeddings.ts';
import { brokenLimits, exceededOutputCap } from './limits.ts';
import { requirementsOf } from './requirements.ts';
import type { Target } from './resolve.ts';
import { unsignedToolCalls } from './unsigned-tool-calls.ts';

/** A candidate that left the plan, with every reason. */
export interface ExcludedCandidate {
  readonly deployment: Deployment;
  readonly reasons: readonly CandidateReason[];
}

/** Who can give what a request asks for, and who cannot and why. */
export interface Eligible {
  readonly target: Target;
  /** What the client's dialect calls the prompt. */
  readonly promptPath: string;
  /** Those who can, in the order of the config; empty when nobody is left. */
  readonly candidates: readonly Deployment[];
  readonly excluded: readonly ExcludedCandidate[];
  /** The stricter of what the route allows and what the client asks. */
  readonly fallback: FallbackTerms;
}

/**
 * Leaves out the candidates of a target that cannot give what the request asks by contract.
 * @param promptTokens how many tokens the prompt has at the least, by deployment, where it might not fit
 * @throws GatewayError `invalid_request` when the client asks for more fallback than the route allows
 */
export function findEligible(
  request: ChatRequest,
  target: Target,
  promptTokens: ReadonlyMap<string, number> = NOT_COUNTED,
): Eligible {
  const strict = target.route?.strict ?? false;
  const needs = requirementsOf(request, strict);
  const promptPath = clientPath(request, 'messages');
  const able: Deployment[] = [];
  const excluded: ExcludedCandidate[] = [];
  for (const deployment of target.candidates) {
    const reasons = [
      ...missingFeatures(needs, deployment.capabilities, request, target),
      ...brokenLimits(request, deployment.capabilities),
      ...exceededWindow(deployment, promptTokens),
      ...missingForRules(request, deployment, target),
      ...chatOnlyWords(request, deployment, target),
      ...(strict ? unenforcedSchema(request, deployment) : []),
      ...(strict ? lostHints(request, deployment) : []),
      ...(strict ? exceededOutputCap(request, deployment, target.route) : []),
      ...(strict ? unsignedToolCalls(request, deployment) : []),
    ];
    if (reasons.length === 0) able.push(deployment);
    else excluded.push({ deployment, reasons });
  }
  const fallback = fallbackMode(request, target);
  if (request.embedding === null) return { target, promptPath, candidates: able, excluded, fallback };
  const model = embeddingModel(target);
  const others = able.filter((deployment) => deployment.model !== model);
  const at = target.route?.at ?? null;
  const reasons: Reasons = [{ rule: 'fallback', need: 'same_model', have: null, evidence: null, at }];
  return {
    target,
    promptPath,
    candidates: able.filter((deployment) => deployment.model === model),
    excluded: [...excluded, ...others.map((deployment) => ({ deployment, reasons }))],
    fallback,
  };
}

const NOT_COUNTED: ReadonlyMap<string, number> = new Map();
const WINDOW = 'context_window';
/** The rule by which a candidate is left out that may cost more than the request allows. */
export const MAX_COST = 'max_cost';

/** A window that is surely too small; one that is not known is not checked. */
function exceededWindow({ name, capabilities }: Deployment, promptTokens: ReadonlyMap<string, number>): Reasons {
  const { contextTokens } = capabilities.limits;
  const least = promptTokens.get(name);
  if (least === undefined || contextTokens === null || least <= contextTokens) return [];
  return [{ rule: WINDOW, need: least, have: contextTokens, evidence: capabilities.source, at: null }];
}

type Reasons = readonly CandidateReason[];

/**
 * Ends a request that nobody can serve, once the reasons are in its record.
 * @throws GatewayError `unsupported_parameter`, `context_length_exceeded` where a shorter prompt would be answered,
 * `max_cost_exceeded` where one who can may cost too much
 */
export function requireEligible(eligible: Eligible): void {
  if (eligible.candidates.length === 0) throw nobodyCan(eligible);
}

const STRICTNESS: Readonly<Record<FallbackTerms, number>> = { degraded: 0, certified: 1, off: 2 };

/** The stricter of what the route allows and what the client asks. @throws GatewayError when the client asks for more */
function fallbackMode(request: ChatRequest, target: Target): FallbackTerms {
  const asked = request.directives.fallback;
  // Vectors of two models cannot be compared, whatever the route allows.
  const allowed = request.embedding === null ? (target.route?.fallback ?? 'off') : 'off';
  if (asked !== null && STRICTNESS[asked] < STRICTNESS[allowed] && target.route !== null) {
    const permits = allowed === 'off' ? 'allows no fallback' : 'allows certified fallbacks only';
    throw new GatewayError(
      'invalid_request',
      request.embedding === null
        ? `the route \`${target.route.name}\` ${permits}, and a request may only be stricter`
        : 'embeddings never change model: ask without `fallback`, and another deployment of the same model may answer',
      { param: 'x-candor-fallback' },
    );
  }
  return asked ?? allowed;
}

function missingFeatures(
  needs: readonly Requirement[],
  capabilities: Capabilities,
  request: ChatRequest,
  { route }: Target,
): readonly CandidateReason[] {
  const { features, emulates, hints } = capabilities;
  const reasons: CandidateReason[] = [];
  for (const { feature, param } of needs) {
    if (features.has(feature) && isSpoken(feature, capabilities, request)) continue;
    if (route?.strict !== true && (emulates as ReadonlySet<Feature>).has(feature)) continue;
    if (route?.midSystem === 'hoist' && HOISTED.has(feature)) continue;
    const tier = feature === 'service_tier' ? (request.parameters['service_tier'] ?? null) : null;
    if (mappedValue(hints['service_tier'], tier) !== undefined) continue;
    reasons.push({ rule: feature, need: param, have: null, evidence: capabilities.source, at: null });
  }
  return reasons;
}

/** What a route can have moved to the start of the conversation. */
const HOISTED: ReadonlySet<Feature> = new Set<Feature>(['system_after_start', 'system_after_assistant']);

/** What only one protocol can say needs a model that is asked in it. */
const OF_ONE_PROTOCOL: ReadonlySet<Feature> = new Set<Feature>(['unknown_fields', 'protocol_fields', 'exact_numbers']);

function isSpoken(feature: Feature, { protocol, ownOnly }: Capabilities, { dialect }: ChatRequest): boolean {
  return protocol === dialect || !(OF_ONE_PROTOCOL.has(feature) || (ownOnly?.has(feature) ?? false));
}

/** What the config's own `params` would send that the model lacks: the operator's contract binds like the client's. */
function missingForRules(request: ChatRequest, deployment: Deployment, target: Target): readonly CandidateReason[] {
  const { features, source } = deployment.capabilities;
  const reasons: CandidateReason[] = [];
  for (const [name, rule] of [...(target.route?.params ?? []), ...deployment.params]) {
    const value = rule.set ?? (request.parameters[name] === undefined ? rule.defaultValue : undefined);
    const feature = value === undefined || isNeutral(name, value) ? null : featureOfParameter(name);
    if (feature === null || features.has(feature)) continue;
    reasons.push({ rule: feature, need: name, have: null, evidence: source, at: rule.at });
  }
  return reasons;
}

/** Under `params: strict` nothing is emulated, so the vendor must take the very schema. */
function unenforcedSchema(request: ChatRequest, { capabilities }: Deployment): readonly CandidateReason[] {
  const format = request.responseFormat;
  if (format?.type !== 'json_schema') return [];
  const fitted = nativeSchema(capabilities, format.schema);
  const at = clientPath(request, 'response_format.json_schema.schema');
  const places = fitted === null ? [''] : fitted.changes.map(({ path }) => path);
  return places.map((path) => {
    return { rule: 'json_schema', need: at + path, have: null, evidence: capabilities.source, at: null };
  });
}

/**
 * Under `params: strict` the client's own hints bind, as it wrote them. What the config's `params` add
 * or change is the operator's: it is fitted to the model, and reported, as everywhere.
 */
function lostHints(request: ChatRequest, { capabilities, kind }: Deployment): readonly CandidateReason[] {
  const fitted = fitReasoning(request.parameters, request, capabilities, kind);
  const applied = applyHints(fitted.parameters, capabilities, kind, request.parameters);
  return [...fitted.adjustments, ...applied.adjustments].map((loss) => ({
    rule: 'params_strict',
    need: clientPath(request, loss.param),
    have: loss.sent,
    evidence: capabilities.source,
    at: null,
  }));
}

function nobodyCan({ excluded, promptPath }: Eligible): GatewayError {
  const tooDear = excluded.filter(({ reasons }) => reasons.some(({ rule }) => rule === MAX_COST));
  if (tooDear.length > 0) return nobodyAffordable(tooDear, excluded);
  const tooSmall = excluded.filter(({ reasons }) => reasons.every(({ rule }) => rule === WINDOW));
  if (tooSmall.length > 0) return promptTooLong(tooSmall, excluded, promptPath);
  const first = excluded[0];
  const param = first?.reasons[0]?.need;
  const name = typeof param === 'string' ? param : 'the request';
  const who = excluded.map(({ deployment }) => deployment.name).join(', ');
  return new GatewayError(
    'unsupported_parameter',
    `${lackOf(excluded) ?? `no candidate can give what \`${name}\` asks`}: ${who}`,
    {
      param: typeof param === 'string' ? param : null,
      details: { refused: refusals(excluded) },
    },
  );
}

function nobodyAffordable(tooDear: readonly ExcludedCandidate[], excluded: readonly ExcludedCandidate[]): GatewayError {
  const ceiling = JSON.stringify(tooDear[0]?.reasons[0]?.need);
  const each = tooDear.map(({ deployment, reasons }) => {
    const have = reasons[0]?.have ?? null;
    return `${deployment.name} may cost ${have === null ? 'anything, as its price or longest answer is not known' : `${JSON.stringify(have)} USD`}`;
  });
  return new GatewayError('max_cost_exceeded', `the request allows ${ceiling} USD: ${each.join('; ')}`, {
    param: 'x-candor-max-cost-usd',
    details: { refused: refusals(excluded) },
  });
}

function promptTooLong(
  tooSmall: readonly ExcludedCandidate[],
  excluded: readonly ExcludedCandidate[],
  param: string,
): GatewayError {
  const windows = tooSmall.map(({ deployment }) => {
    return `${deployment.name} (${deployment.capabilities.limits.contextTokens})`;
  });
  const least = Math.min(...tooSmall.map(({ reasons }) => Number(reasons[0]?.need)));
  return new GatewayError(
    'context_length_exceeded',
    `the prompt has at least ${least} tokens, more than the window of every candidate: ${windows.join(', ')}`,
    { param, details: { refused: refusals(excluded) } },
  );
}

/** What all of them are the wrong kind of model for; `null`: for nothing as plain as that. */
function lackOf(excluded: readonly ExcludedCandidate[]): string | null {
  const isLackedByAll = (feature: Feature): boolean =>
    excluded.length > 0 && excluded.every(({ reasons }) => reasons.some(({ rule }) => rule === feature));
  if (isLackedByAll('embeddings')) return 'no candidate makes embeddings, so ask for a model that does';
  return isLackedByAll('chat') ? 'every candidate makes embeddings only, so ask for a model that chats' : null;
}

/** The reasons in the shape of `error.candor.refused`. */
export function refusals(excluded: readonly ExcludedCandidate[]): readonly JsonObject[] {
  return excluded.flatMap(({ deployment, reasons }) =>
    reasons.map((reason) => ({ deployment: deployment.name, ...reason })),
  );
}
