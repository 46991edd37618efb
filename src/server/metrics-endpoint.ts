import { isLoopbackHost } from '../core/loopback.ts';
import {
  mergedMetrics,
  METRICS_CONTENT_TYPE,
  metricsText,
  type ProcessFamilies,
} from '../telemetry/metrics/merged-metrics.ts';
import { requireAdmin } from './admin-session.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { readQueryWords } from './query-words.ts';

/** `GET /metrics`: for Prometheus, over all processes that serve the port. Open on loopback; elsewhere it takes the admin token. */
export const metricsEndpoint: Endpoint = { method: 'GET', path: '/metrics', handle: sendMetrics };

async function sendMetrics(call: EndpointCall): Promise<void> {
  const { context, request, response, target } = call;
  if (!isLoopbackHost(context.configuration().server.host)) requireAdmin(request, context.adminToken);
  readQueryWords(target.query, [], 'metrics');
  const { answers } = await context.ask('metrics', {});
  // Each is what `Metrics.families` gave, here or in another process.
  const bytes = Buffer.from(metricsText(mergedMetrics(answers as unknown as readonly ProcessFamilies[])));
  response.writeHead(200, {
    'content-type': METRICS_CONTENT_TYPE,
    'cache-control': 'no-store',
    'content-length': String(bytes.length),
    'x-request-id': call.id,
  });
  response.end(bytes);
}
