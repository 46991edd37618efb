import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { findRecord } from './find-record.ts';
import { generationList } from './generation-list.ts';
import { MODEL_ENDPOINTS } from './model-endpoints.ts';

async function generation(call: EndpointCall): Promise<void> {
  await sendGeneration(call, call.parameter);
}

async function generationByQuery(call: EndpointCall): Promise<void> {
  await sendGeneration(call, new URLSearchParams(call.target.query).get('id') ?? '');
}

async function sendGeneration(call: EndpointCall, id: string): Promise<void> {
  sendJson(call, 200, await findRecord(id, 'id', call));
}

function health(call: EndpointCall): void {
  sendJson(call, 200, { status: 'ok' });
}

/**
 * Not to be ready is to send the balancer elsewhere. A gateway that is overloaded stays ready: what
 * it cannot take it refuses, and its neighbours, which would get its share, are likely no better off.
 */
function readiness(call: EndpointCall): void {
  const { requests, steps } = call.context;
  const reasons = requests.leaving ? ['shutting_down'] : [];
  if (steps.ledger.failure !== null) reasons.push('ledger_unavailable');
  sendJson(call, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
}

/** Everything that only reads. */
export const READ_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/healthz', handle: health },
  { method: 'GET', path: '/readyz', handle: readiness },
  ...MODEL_ENDPOINTS,
  generationList,
  { method: 'GET', path: '/v1/generations/{id}', handle: generation },
  { method: 'GET', path: '/v1/generation', handle: generationByQuery },
];
