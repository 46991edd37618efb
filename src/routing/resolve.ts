import { GatewayError } from '../core/errors.ts';
import type { Deployment } from '../core/deployment.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Configuration, Route } from '../core/route.ts';

/** What a request's `model` (or its route header) names. */
export interface Target {
  readonly asked: string;
  /** `null`: the client named a model, and gets it or nothing. */
  readonly route: Route | null;
  /** In the order of preference. */
  readonly candidates: readonly Deployment[];
}

/** Asks for the route the config's rules choose. No name in a config can be it. */
const AUTO = 'auto';

/**
 * Finds what the client named: a route, a model (no substitution), or one deployment of a model.
 * @throws GatewayError `model_not_found` with the nearest names, never a default; `unsupported_parameter` for `auto`
 */
export function resolveTarget(asked: string, routeDirective: string | null, configuration: Configuration): Target {
  if (routeDirective !== null) {
    const route = configuration.routes.get(routeDirective);
    if (route === undefined) throw unknownName(routeDirective, [...configuration.routes.keys()], 'route');
    return { asked, route, candidates: route.candidates };
  }
  const route = configuration.routes.get(asked);
  if (route !== undefined) return { asked, route, candidates: route.candidates };
  const model = configuration.models.get(asked);
  if (model !== undefined) return { asked, route: null, candidates: model.deployments };
  const deployment = configuration.deployments.get(asked);
  if (deployment !== undefined) return { asked, route: null, candidates: [deployment] };
  if (asked === AUTO) {
    throw new GatewayError('unsupported_parameter', 'rules that choose the route are not built yet: name a route', {
      param: 'model',
    });
  }
  const names = [...configuration.routes.keys(), ...configuration.models.keys(), ...configuration.deployments.keys()];
  throw unknownName(asked, names, 'model or route');
}

function unknownName(name: string, names: readonly string[], what: string): GatewayError {
  const near = nearestName(name, names);
  const hint = near === null ? `\`GET /v1/models\` lists what there is` : `did you mean \`${near}\`?`;
  return new GatewayError('model_not_found', `there is no ${what} \`${name.slice(0, 80)}\`: ${hint}`, {
    param: what === 'route' ? 'x-candor-route' : 'model',
  });
}
