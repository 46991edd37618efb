import { isJsonObject, stringMember, type JsonObject, type JsonValue } from '../core/json.ts';
import { compareText } from '../ledger/text-order.ts';
import { requireAdmin } from './admin-session.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readCount, readQueryWords, readTime } from './query-words.ts';
import { unknownName } from './unknown-name.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

async function listDecisions(call: EndpointCall): Promise<void> {
  requireAdmin(call.request, call.context.adminToken);
  const words = readQueryWords(call.target.query, ['since', 'limit'], 'the list of decisions');
  const limit = readCount(words, 'limit', DEFAULT_LIMIT, MAX_LIMIT);
  const since = words.get('since');
  const sinceMs = since === undefined ? 0 : readTime('since', since);
  const { workers, answers } = await call.context.ask('decisions', { sinceMs, limit });
  const data = answers
    .flat()
    .filter(isJsonObject)
    // Sorting keeps the order of equals: of one millisecond each process has told the newest first.
    .toSorted((a, b) => compareText(timeOf(b), timeOf(a)))
    .slice(0, limit);
  sendJson(call, 200, { object: 'list', data, workers, answered: answers.length });
}

function timeOf(entry: JsonObject): string {
  return stringMember(entry, 'at') ?? '';
}

async function showTelemetry(call: EndpointCall): Promise<void> {
  requireAdmin(call.request, call.context.adminToken);
  readQueryWords(call.target.query, [], 'telemetry');
  const { workers, answers } = await call.context.ask('telemetry', {});
  sendJson(call, 200, { object: 'telemetry', workers, answered: answers.length, processes: answers });
}

/** An operator's switch: what was learnt of illness is forgotten, and the next request asks again. */
async function closeCircuits(call: EndpointCall): Promise<void> {
  const { context } = call;
  requireAdmin(call.request, context.adminToken);
  const words = readQueryWords(call.target.query, ['deployment'], 'closing circuits');
  const deployment = words.get('deployment') ?? null;
  const known = [...context.configuration().deployments.keys()];
  if (deployment !== null && !known.includes(deployment)) {
    throw unknownName({ what: 'deployment', name: deployment, known, param: 'deployment' });
  }
  const { workers, answers } = await context.ask('close_circuits', { deployment });
  const closed = answers.reduce((sum: number, count: JsonValue) => sum + Number(count), 0);
  sendJson(call, 200, { object: 'circuits', closed, workers, answered: answers.length });
}

/** What was learnt while running, and what came of it. */
export const TELEMETRY_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/admin/decisions', handle: listDecisions },
  { method: 'GET', path: '/admin/telemetry', handle: showTelemetry },
  { method: 'DELETE', path: '/admin/circuits', handle: closeCircuits },
];
