import { GatewayError } from '../core/errors.ts';
import type { Configuration } from '../core/route.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import { explain } from '../pipeline/explain.ts';
import { handleChat } from '../pipeline/handle-chat.ts';
import { recordRejection } from '../pipeline/rejection.ts';
import { gatewayErrorOf } from '../pipeline/failure-error.ts';
import { HttpClientConnection } from './client-connection.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** `POST /v1/chat/completions`. */
export const chatCompletions: Endpoint = { method: 'POST', path: '/v1/chat/completions', handle: chat };

async function chat(call: EndpointCall): Promise<void> {
  const { steps, configuration } = call.context;
  const snapshot = configuration();
  let body: Buffer = Buffer.alloc(0);
  try {
    refuseQuery(call.target.query);
    body = await readJsonBytes(call.request, call.held);
    const request = decodeChatRequest(body, directiveHeaders(call));
    if (request.directives.dryRun !== null) {
      sendJson(call, 200, explain(request, snapshot, steps));
      return;
    }
    const exchange = {
      id: call.id,
      request,
      dialect: openAiChatDialect,
      client: new HttpClientConnection(call.response),
      held: call.held,
      configuration: snapshot,
      arrivedAt: call.arrivedAt,
    };
    await handleChat(exchange, steps);
  } catch (error) {
    // Only reading and decoding throw: what comes after it is answered and recorded by the pipeline itself.
    if (!(error instanceof GatewayError)) throw error;
    throw await recorded(error, call, body, snapshot);
  }
}

/** Nothing is read from the query, so nothing may be hoped of it; least of all a key, which would end in logs. */
function refuseQuery(query: string): void {
  if (query === '') return;
  const name = /^([a-z_-]{1,24})(?:=|$)/.exec(query)?.[1] ?? null;
  const what = name === null ? 'what stands in it' : `\`${name}\``;
  throw new GatewayError('unsupported_parameter', `this endpoint takes no query: ${what} is not read`, { param: name });
}

/** The error to tell the client, once the request that could not be read is on record. */
async function recorded(
  error: GatewayError,
  call: EndpointCall,
  body: Buffer,
  configuration: Configuration,
): Promise<GatewayError> {
  try {
    await recordRejection({ id: call.id, body, configuration, error }, call.context.steps);
    return error;
  } catch (cause) {
    return gatewayErrorOf(cause);
  }
}
