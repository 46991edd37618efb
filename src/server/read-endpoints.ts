import { GatewayError } from '../core/errors.ts';
import { isGenerationId } from '../core/identifier.ts';
import type { JsonObject } from '../core/json.ts';
import type { Configuration } from '../core/route.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';

/** The dates of the models themselves are the vendors' affair: the protocol wants a number, and this one claims nothing. */
const CREATED_UNKNOWN = 0;

function listModels(call: EndpointCall): void {
  sendJson(call, 200, { object: 'list', data: models(call.context.configuration()) });
}

function oneModel(call: EndpointCall): void {
  const model = models(call.context.configuration()).find((entry) => entry['id'] === call.parameter);
  if (model === undefined) {
    throw new GatewayError('model_not_found', `there is no model or route \`${call.parameter.slice(0, 80)}\``, {
      param: 'model',
    });
  }
  sendJson(call, 200, model);
}

/** Routes first, since they are what clients should name; then models, then each model at each provider. */
function models(configuration: Configuration): readonly JsonObject[] {
  const entry = (id: string, ownedBy: string, candor: JsonObject): JsonObject => ({
    id,
    object: 'model',
    created: CREATED_UNKNOWN,
    owned_by: ownedBy,
    candor,
  });
  const routes = [...configuration.routes.values()].map((route) =>
    entry(route.name, 'candor', { kind: 'route', try: route.candidates.map((candidate) => candidate.name) }),
  );
  const named = [...configuration.models.values()].map((model) =>
    entry(model.name, model.deployments[0]?.provider ?? 'candor', {
      kind: 'model',
      deployments: model.deployments.map((deployment) => deployment.name),
      simulated: model.deployments.some((deployment) => deployment.simulated),
    }),
  );
  const deployments = [...configuration.deployments.values()].map((deployment) =>
    entry(deployment.name, deployment.provider, { kind: 'deployment', simulated: deployment.simulated }),
  );
  return [...routes, ...named, ...deployments];
}

async function generation(call: EndpointCall): Promise<void> {
  await sendGeneration(call, call.parameter);
}

async function generationByQuery(call: EndpointCall): Promise<void> {
  await sendGeneration(call, new URLSearchParams(call.target.query).get('id') ?? '');
}

async function sendGeneration(call: EndpointCall, id: string): Promise<void> {
  const record = isGenerationId(id) ? await call.context.steps.ledger.find(id) : null;
  if (record === null)
    throw new GatewayError('generation_not_found', `there is no generation \`${id.slice(0, 80)}\``, { param: 'id' });
  sendJson(call, 200, record);
}

function health(call: EndpointCall): void {
  sendJson(call, 200, { status: 'ok' });
}

function readiness(call: EndpointCall): void {
  const reasons = call.context.notReady();
  sendJson(call, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
}

/** Everything that only reads. */
export const READ_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/healthz', handle: health },
  { method: 'GET', path: '/readyz', handle: readiness },
  { method: 'GET', path: '/v1/models', handle: listModels },
  { method: 'GET', path: '/v1/models/{id...}', handle: oneModel },
  { method: 'GET', path: '/v1/generations/{id}', handle: generation },
  { method: 'GET', path: '/v1/generation', handle: generationByQuery },
];
