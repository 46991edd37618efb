import type { Deployment } from './deployment.ts';
import type { JsonObject } from './json.ts';
import type { Configuration, StreamMode } from './route.ts';

/** The dates of the models themselves are the vendors' affair: the protocol wants a number, and this one claims nothing. */
const CREATED_UNKNOWN = 0;

/** An entry of the list. */
export interface ListedModel extends JsonObject {
  /** What `model` of a request may name. */
  readonly id: string;
  readonly candor: JsonObject;
}

/**
 * What can be asked for, in OpenAI's shape with more under `candor`: routes first, since they are
 * what clients should name; then models, then each model at each provider.
 */
export function modelList(configuration: Configuration, wallTimeMs: number): readonly ListedModel[] {
  const routes = [...configuration.routes.values()].map((route) =>
    entry(route.name, 'candor', {
      kind: 'route',
      try: names(route.candidates),
      fallback: route.fallback,
      validate: route.validators.map((validator) => validator.id),
      stream: streamText(route.stream),
    }),
  );
  const models = [...configuration.models.values()].map((model) =>
    entry(model.name, model.deployments[0]?.provider ?? 'candor', {
      kind: 'model',
      deployments: names(model.deployments),
      simulated: model.deployments.some((deployment) => deployment.simulated),
    }),
  );
  const deployments = [...configuration.deployments.values()].map((deployment) =>
    entry(deployment.name, deployment.provider, {
      kind: 'deployment',
      simulated: deployment.simulated,
      region: deployment.region,
      price: priceOf(deployment, wallTimeMs),
    }),
  );
  return [...routes, ...models, ...deployments];
}

/** The deployments behind a name of the list; none when it is no name of it. */
export function deploymentsBehind(id: string, configuration: Configuration): readonly Deployment[] {
  const { routes, models, deployments } = configuration;
  const deployment = deployments.get(id);
  return routes.get(id)?.candidates ?? models.get(id)?.deployments ?? (deployment === undefined ? [] : [deployment]);
}

function entry(id: string, ownedBy: string, candor: JsonObject): ListedModel {
  return { id, object: 'model', created: CREATED_UNKNOWN, owned_by: ownedBy, candor };
}

function names(deployments: readonly Deployment[]): readonly string[] {
  return deployments.map((deployment) => deployment.name);
}

/** `hold`, `trail`, `window 200` (characters), `window 400ms`. */
function streamText(mode: StreamMode): string {
  if (typeof mode === 'string') return mode;
  return 'characters' in mode ? `window ${mode.characters}` : `window ${mode.milliseconds}ms`;
}

/** USD per million tokens at that time, of a short prompt; `null` when nothing is known. */
function priceOf({ price }: Deployment, wallTimeMs: number): JsonObject | null {
  const rates = price?.ratesAt(wallTimeMs, 0) ?? null;
  if (price === null || rates === null) return null;
  return { in: rates.input, out: rates.output, as_of: price.asOf, age_days: price.ageDays(wallTimeMs) };
}
