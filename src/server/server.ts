import { createServer, type IncomingMessage, type Server } from 'node:http';

import { GatewayError } from '../core/errors.ts';
import { newGenerationId } from '../core/identifier.ts';
import { gatewayErrorOf } from '../pipeline/failure-error.ts';
import type { AccessLog } from './access-log.ts';
import { Admission, isOperation, type Arrival } from './admission.ts';
import { refuseBadHttp, refuseUpgrade } from './bad-http.ts';
import { dialectOfRequest } from './dialect-of-request.ts';
import type { ServerContext } from './endpoint.ts';
import { matchEndpoint } from './endpoints.ts';
import { checkFrontDoor } from './front-door.ts';
import { sendError } from './http-error.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than load balancers keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const CHECK_INTERVAL_MS = 1_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Makes the HTTP server of a gateway. It does not listen yet. */
export function createHttpServer(context: ServerContext, log: AccessLog): Server {
  const admission = new Admission((arrival) => void serve(arrival, log));
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    },
    (request, response) => {
      const { clock } = context.steps;
      const id = newGenerationId(clock.wallTime());
      admission.take({ id, arrivedAt: clock.now(), request, response, context });
    },
  );
  // Node would cut longer lists silently; they are counted and refused instead.
  server.maxHeadersCount = 0;
  server.on('clientError', refuseBadHttp);
  server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
  return server;
}

async function serve(arrival: Arrival, log: AccessLog): Promise<void> {
  const { id, arrivedAt, request, response, context } = arrival;
  const { steps, requests } = context;
  requests.begin(response);
  response.once('close', () => {
    requests.end(response);
    log.request({ request, response, id, milliseconds: steps.clock.now() - arrivedAt });
  });
  response.on('error', (error) => log.failure(id, error));
  // Also what goes wrong later is told by the configuration that the request began with.
  const configuration = context.configuration();
  const held = steps.held.hold();
  try {
    const { ending } = steps.inFlight;
    if (ending !== null && !isOperation(request)) {
      throw new GatewayError('shutting_down', ending.message, { retryAfterMs: ending.retryAfterMs });
    }
    const target = checkFrontDoor(request, configuration.server.hosts);
    const { endpoint, parameter } = matchEndpoint(request.method ?? 'GET', target.path);
    await endpoint.handle({ ...arrival, target, parameter, held });
  } catch (thrown) {
    const error = gatewayErrorOf(thrown);
    if (error.code === 'internal_error') log.failure(id, error.cause);
    // The rest of a body that was not read would be taken for the next request.
    if (hasUnreadBody(request)) {
      response.shouldKeepAlive = false;
      response.once('finish', () => request.destroy());
    }
    const dialect = dialectOfRequest(request);
    sendError(response, error, { id, configHash: configuration.hash, trace: null, dialect });
  } finally {
    held.release();
  }
}

/** Of a request without a body Node says that it is complete only later. */
function hasUnreadBody(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return !request.complete && (encoding !== undefined || (length !== undefined && length !== '0'));
}
