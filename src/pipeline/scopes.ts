import { createHash } from 'node:crypto';

import type { Deployment } from '../core/deployment.ts';
import type { Hooks } from '../core/hooks.ts';
import { canonicalJson } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import type { ModelScope, SubstitutionScope } from '../core/substitution.ts';
import { modelScope } from '../prompts/model-scope.ts';
import { SCORER_VERSION } from '../substitution/paired-scores.ts';
import { simulatedSnapshot } from './evidence-log.ts';

/** What evidence holds for, by route and deployment: reckoned once for each configuration, as requests ask for it. */
export class Scopes {
  readonly #routes = new WeakMap<Route, RouteScopes>();

  /** What a deployment is on a route, by itself or in the place of another model. */
  model(route: Route, hooks: Hooks, deployment: Deployment, standsIn: boolean): ModelScope {
    return this.#of(route, hooks).model(deployment, standsIn);
  }

  /** What a certificate must hold for, by which `to` answers in the place of `from`. The very same object each time. */
  substitution(route: Route, hooks: Hooks, from: Deployment, to: Deployment): SubstitutionScope {
    return this.#of(route, hooks).substitution(from, to);
  }

  #of(route: Route, hooks: Hooks): RouteScopes {
    const known = this.#routes.get(route) ?? new RouteScopes(route, hooks);
    this.#routes.set(route, known);
    return known;
  }
}

class RouteScopes {
  readonly #route: Route;
  readonly #models = new Map<string, ModelScope>();
  readonly #substitutions = new Map<string, SubstitutionScope>();
  readonly #checks: string;
  readonly #hooks: Hooks;

  constructor(route: Route, hooks: Hooks) {
    this.#route = route;
    const checks = route.validators.map(({ id, options }) => ({
      id,
      options,
      ...(id === 'hook' && typeof options === 'string' ? { sha256: hooks.validate.get(options)?.sha256 ?? null } : {}),
    }));
    this.#hooks = hooks;
    this.#checks = createHash('sha256')
      .update(canonicalJson({ checks, scorer: SCORER_VERSION }))
      .digest('hex')
      .slice(0, 16);
  }

  model(deployment: Deployment, standsIn: boolean): ModelScope {
    const key = `${standsIn ? 'for another' : 'itself'} ${deployment.name}`;
    const scope = this.#models.get(key) ?? this.#reckon(deployment, standsIn);
    this.#models.set(key, scope);
    return scope;
  }

  #reckon(deployment: Deployment, standsIn: boolean): ModelScope {
    const scope = modelScope(deployment, this.#route, standsIn);
    const prompt = this.#hooks.prompt.get(deployment.model);
    const params = this.#hooks.params.get(deployment.model);
    return {
      model: scope.model,
      snapshot: deployment.simulated ? simulatedSnapshot(scope.snapshot) : scope.snapshot,
      template: prompt === undefined ? scope.template : `${scope.template ?? ''}+${prompt.sha256}`,
      params: params === undefined ? scope.params : `${scope.params ?? ''}+${params.sha256}`,
    };
  }

  substitution(from: Deployment, to: Deployment): SubstitutionScope {
    const key = `${from.name} ${to.name}`;
    const scope = this.#substitutions.get(key) ?? {
      route: this.#route.name,
      from: this.model(from, false),
      to: this.model(to, true),
      checks: this.#checks,
      strict: this.#route.strict,
    };
    this.#substitutions.set(key, scope);
    return scope;
  }
}
