import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ListedModel } from '../core/model-list.ts';
import { usdFromNano } from '../core/money.ts';
import { keysOf } from '../pipeline/decision-inputs.ts';
import type { DeploymentSummary } from '../telemetry/summary.ts';
import type { ServerContext } from './endpoint.ts';

/**
 * The entries with what this process has measured under `candor`: of a route, whom it asks; of a deployment, each route
 * that asks it, and its circuit. What is not known is `null`, and every figure has its `n`.
 */
export function measuredModels(
  models: readonly ListedModel[],
  { steps, configuration }: Pick<ServerContext, 'steps' | 'configuration'>,
): readonly ListedModel[] {
  const { deployments, routes } = configuration();
  const summaries = steps.telemetry.summary();
  return models.map((model) => {
    const deployment = deployments.get(model.id);
    const isRoute = routes.has(model.id);
    if (deployment === undefined && !isRoute) return model;
    const measured = summaries.filter((summary) => (isRoute ? summary.route : summary.deployment) === model.id);
    const facts: Record<string, JsonValue> = { ...model.candor, measured: measured.map(summaryJson) };
    if (deployment !== undefined) facts['circuit'] = { ...steps.circuits.view(deployment.name, keysOf(deployment)) };
    return { ...model, candor: facts };
  });
}

/** A summary in the words of the HTTP interface, where money is USD. */
export function summaryJson({ cost_per_accepted: cost, ...summary }: DeploymentSummary): JsonObject {
  const { nano_usd: nanoUsd, ...counts } = cost;
  const usd = nanoUsd === null ? null : usdFromNano(Math.round(nanoUsd));
  // Plain data, which the types of interfaces do not say.
  return { ...summary, cost_per_accepted: { ...counts, usd } } as unknown as JsonObject;
}
