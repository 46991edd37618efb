import { GatewayError } from '../core/errors.ts';
import type { Deployment } from '../core/deployment.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { TriedRule } from '../core/record.ts';
import type { Configuration, Route } from '../core/route.ts';
import type { RuleFacts } from '../core/rule.ts';
import { chooseRoute } from './rules.ts';

/** What a request's `model` (or its route header) names. */
export interface Target {
  readonly asked: string;
  /** `null`: the client named a model, and gets it or nothing. */
  readonly route: Route | null;
  /** In the order of preference. */
  readonly candidates: readonly Deployment[];
  readonly chosenBy: ChosenBy;
  /** The rules that were tried, in order; empty when the client named what it wants. */
  readonly rules: readonly TriedRule[];
}

export interface ChosenBy {
  readonly by: 'model' | 'header' | 'rule' | 'hook';
  /** The config line of the rule, or of what was named. */
  readonly at: string | null;
}

/** Asks for the route the config's rules choose. No name in a config can be it. */
const AUTO = 'auto';

/**
 * Finds what the client named: a route, a model (no substitution), one deployment of a model, or under `auto` the
 * route that the rules choose.
 * @param facts gathered only when rules are tried
 * @throws GatewayError `model_not_found` with the nearest names, never a default; `invalid_request` when no rule matches
 */
export function resolveTarget(
  asked: string,
  routeDirective: string | null,
  configuration: Configuration,
  facts: () => RuleFacts,
): Target {
  if (routeDirective !== null) {
    const route = configuration.routes.get(routeDirective);
    if (route === undefined) throw unknownName(routeDirective, [...configuration.routes.keys()], 'route');
    return named(asked, route, { by: 'header', at: route.at });
  }
  const route = configuration.routes.get(asked);
  if (route !== undefined) return named(asked, route, { by: 'model', at: route.at });
  const model = configuration.models.get(asked);
  if (model !== undefined) return pinned(asked, model.deployments, model.at);
  const deployment = configuration.deployments.get(asked);
  if (deployment !== undefined) return pinned(asked, [deployment], deployment.at);
  if (asked === AUTO) return ruled(configuration, facts);
  const names = [...configuration.routes.keys(), ...configuration.models.keys(), ...configuration.deployments.keys()];
  throw unknownName(asked, names, 'model or route');
}

function named(asked: string, route: Route, chosenBy: ChosenBy): Target {
  return { asked, route, candidates: route.candidates, chosenBy, rules: [] };
}

function pinned(asked: string, candidates: readonly Deployment[], at: string): Target {
  return { asked, route: null, candidates, chosenBy: { by: 'model', at }, rules: [] };
}

function ruled({ rules, routes }: Configuration, facts: () => RuleFacts): Target {
  if (rules.length === 0) {
    throw new GatewayError('invalid_request', 'the config has no rules that choose a route: name a route or a model', {
      param: 'model',
    });
  }
  const { rule, tried } = chooseRoute(rules, facts());
  const route = rule === null ? undefined : routes.get(rule.route);
  if (rule === null || route === undefined) throw noRuleMatches(tried);
  return { ...named(AUTO, route, { by: 'rule', at: rule.at }), rules: tried };
}

/** A rule that failed to be evaluated is likely why: it is told first. */
function noRuleMatches(tried: readonly TriedRule[]): GatewayError {
  const failed = tried.find(({ problem }) => problem !== null);
  const why = failed === undefined ? '' : ` (${failed.problem})`;
  return new GatewayError('invalid_request', `no rule matches this request${why}: name a route or a model`, {
    param: 'model',
  });
}

function unknownName(name: string, names: readonly string[], what: string): GatewayError {
  const near = nearestName(name, names);
  const hint = near === null ? `\`GET /v1/models\` lists what there is` : `did you mean \`${near}\`?`;
  return new GatewayError('model_not_found', `there is no ${what} \`${name.slice(0, 80)}\`: ${hint}`, {
    param: what === 'route' ? 'x-candor-route' : 'model',
  });
}
