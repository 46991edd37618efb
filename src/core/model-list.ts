import type { Deployment } from './deployment.ts';
import type { JsonObject } from './json.ts';
import type { Configuration } from './route.ts';

/** The dates of the models themselves are the vendors' affair: the protocol wants a number, and this one claims nothing. */
const CREATED_UNKNOWN = 0;

/**
 * What can be asked for, in OpenAI's shape with more under `candor`: routes first, since they are
 * what clients should name; then models, then each model at each provider.
 */
export function modelList(configuration: Configuration): readonly JsonObject[] {
  const routes = [...configuration.routes.values()].map((route) =>
    entry(route.name, 'candor', {
      kind: 'route',
      try: names(route.candidates),
      fallback: route.fallback,
      validate: route.validators.map((validator) => validator.id),
      stream: route.stream,
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
      price: priceOf(deployment),
    }),
  );
  return [...routes, ...models, ...deployments];
}

function entry(id: string, ownedBy: string, candor: JsonObject): JsonObject {
  return { id, object: 'model', created: CREATED_UNKNOWN, owned_by: ownedBy, candor };
}

function names(deployments: readonly Deployment[]): readonly string[] {
  return deployments.map((deployment) => deployment.name);
}

/** USD per million tokens; `null` when nothing is known. */
function priceOf({ price }: Deployment): JsonObject | null {
  if (price === null) return null;
  return { in: price.inputUsdPerMillion, out: price.outputUsdPerMillion, as_of: price.asOf };
}
