import {
  applyHints,
  featureOfParameter,
  isNeutral,
  takesSchema,
  type Capabilities,
  type Feature,
  type Requirement,
} from '../core/capabilities.ts';
import type { ChatRequest, DialectId } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { CandidateReason } from '../core/record.ts';
import { requirementsOf } from './requirements.ts';
import type { Target } from './resolve.ts';

/** A candidate that left the plan, with every reason. */
export interface ExcludedCandidate {
  readonly deployment: Deployment;
  readonly reasons: readonly CandidateReason[];
}

/** Who may be asked, in which order: decided before the first byte leaves. */
export interface Plan {
  readonly target: Target;
  /** The permitted candidates in order; empty when nobody is left. The first is who answers when all is well. */
  readonly candidates: readonly Deployment[];
  readonly excluded: readonly ExcludedCandidate[];
}

/**
 * Orders the candidates of a target and leaves out those that cannot give what the request asks by
 * contract, and, where fallback is off, those of another model than the first.
 * @throws GatewayError `invalid_request` when the client asks for more fallback than the route allows
 */
export function planAttempts(request: ChatRequest, target: Target): Plan {
  const strict = target.route?.strict ?? false;
  const needs = requirementsOf(request, strict);
  const able: Deployment[] = [];
  const excluded: ExcludedCandidate[] = [];
  for (const deployment of target.candidates) {
    const reasons = [
      ...missingFeatures(needs, deployment.capabilities, request.dialect, strict),
      ...missingForRules(request, deployment, target),
      ...(strict ? unenforcedSchema(request, deployment) : []),
      ...(strict ? lostHints(request, deployment) : []),
    ];
    if (reasons.length === 0) able.push(deployment);
    else excluded.push({ deployment, reasons });
  }
  const first = able[0];
  if (first === undefined || fallbackMode(request, target) === 'degraded')
    return { target, candidates: able, excluded };
  const at = target.route?.at ?? null;
  const others = able.filter((deployment) => deployment.model !== first.model);
  const off: CandidateReason = { rule: 'fallback', need: 'off', have: null, evidence: null, at };
  return {
    target,
    candidates: able.filter((deployment) => deployment.model === first.model),
    excluded: [...excluded, ...others.map((deployment) => ({ deployment, reasons: [off] }))],
  };
}

/** Ends a request that nobody can serve, once the reasons are in its record. @throws GatewayError `unsupported_parameter` */
export function requireCandidate(plan: Plan): void {
  if (plan.candidates.length === 0) throw nobodyCan(plan.excluded);
}

/** The stricter of what the route allows and what the client asks. @throws GatewayError when the client asks for more */
function fallbackMode(request: ChatRequest, target: Target): 'degraded' | 'off' {
  const asked = request.directives.fallback;
  const allowed = target.route?.fallback ?? 'off';
  if (asked === 'degraded' && allowed === 'off' && target.route !== null) {
    throw new GatewayError(
      'invalid_request',
      `the route \`${target.route.name}\` allows no fallback, and a request may only be stricter`,
      {
        param: 'x-candor-fallback',
      },
    );
  }
  return asked ?? allowed;
}

function missingFeatures(
  needs: readonly Requirement[],
  capabilities: Capabilities,
  dialect: DialectId,
  strict: boolean,
): readonly CandidateReason[] {
  const reasons: CandidateReason[] = [];
  for (const { feature, param } of needs) {
    if (capabilities.features.has(feature) && isSpoken(feature, capabilities, dialect)) continue;
    const canEmulate = feature === 'json_object' || feature === 'json_schema';
    if (canEmulate && !strict && capabilities.emulates.has(feature)) continue;
    reasons.push({ rule: feature, need: param, have: null, evidence: capabilities.source, at: null });
  }
  return reasons;
}

/** What only one protocol can say needs a model that is asked in it. */
function isSpoken(feature: Feature, { protocol }: Capabilities, dialect: DialectId): boolean {
  return (feature !== 'unknown_fields' && feature !== 'protocol_fields') || protocol === dialect;
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
  if (format?.type !== 'json_schema' || takesSchema(capabilities, format.schema)) return [];
  const need = 'response_format.json_schema.schema';
  return [{ rule: 'json_schema', need, have: null, evidence: capabilities.source, at: null }];
}

/**
 * Under `params: strict` the client's own hints bind, as it wrote them. What the config's `params` add
 * or change is the operator's: it is fitted to the model, and reported, as everywhere.
 */
function lostHints(request: ChatRequest, deployment: Deployment): readonly CandidateReason[] {
  return applyHints(request.parameters, deployment.capabilities, deployment.kind).adjustments.map((loss) => ({
    rule: 'params_strict',
    need: loss.param,
    have: loss.sent,
    evidence: deployment.capabilities.source,
    at: null,
  }));
}

function nobodyCan(excluded: readonly ExcludedCandidate[]): GatewayError {
  const first = excluded[0];
  const param = first?.reasons[0]?.need;
  const name = typeof param === 'string' ? param : 'the request';
  const who = excluded.map(({ deployment }) => deployment.name).join(', ');
  return new GatewayError('unsupported_parameter', `no candidate can give what \`${name}\` asks: ${who}`, {
    param: typeof param === 'string' ? param : null,
    details: { refused: refusals(excluded) },
  });
}

/** The reasons in the shape of `error.candor.refused`. */
export function refusals(excluded: readonly ExcludedCandidate[]): readonly JsonObject[] {
  return excluded.flatMap(({ deployment, reasons }) =>
    reasons.map((reason) => ({ deployment: deployment.name, ...reason })),
  );
}
