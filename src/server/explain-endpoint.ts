import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { isGenerationId } from '../core/identifier.ts';
import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject } from '../core/json.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { explain } from '../pipeline/explain/explain.ts';
import { explainRecord, wasRuled } from '../pipeline/explain/explain-record.ts';
import { decodeRecorded } from './decode-recorded.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** `POST /v1/candor/explain`: what would happen to a chat request, or why a recorded one went where it went. Sends nothing and records nothing. */
export const explainRequest: Endpoint = { method: 'POST', path: '/v1/candor/explain', handle: explainCall };

async function explainCall(call: EndpointCall): Promise<void> {
  const body = await readJsonBytes(call.request, call.held);
  const json = parseJson(body.toString('utf8'));
  if (isJsonObject(json) && json['generation'] !== undefined) {
    sendJson(call, 200, await explainGeneration(json, call));
    return;
  }
  const { configuration, steps } = call.context;
  const request = decodeChatRequest(body, directiveHeaders(call), { explain: true });
  sendJson(call, 200, await explain(request, configuration(), steps));
}

/** The past from its record, and `now` from its content. @throws GatewayError when there is no such generation */
async function explainGeneration(asked: JsonObject, call: EndpointCall): Promise<JsonObject> {
  const record = await findRecord(asked, call);
  const past = explainRecord(record);
  const { now, note } = await explainNow(record, call);
  return { ...past, notes: [...(past['notes'] as readonly string[]), note], now };
}

async function findRecord(asked: JsonObject, call: EndpointCall): Promise<JsonObject> {
  const other = Object.keys(asked).find((name) => name !== 'generation');
  if (other !== undefined) {
    throw new GatewayError('unsupported_parameter', `\`${other}\` cannot be given beside \`generation\``, {
      param: other,
    });
  }
  const id = stringMember(asked, 'generation') ?? '';
  const record = isGenerationId(id) ? await call.context.steps.ledger.find(id) : null;
  if (record !== null) return record;
  throw new GatewayError('generation_not_found', 'there is no such generation', { param: 'generation' });
}

/** What the same request would get now; `null` with the reason where that cannot be told. */
async function explainNow(
  record: JsonObject,
  call: EndpointCall,
): Promise<{ readonly now: JsonObject | null; readonly note: string }> {
  const { configuration, steps } = call.context;
  const body = stringMember(objectMember(record, 'request') ?? {}, 'body');
  if (body === null) {
    return { now: null, note: 'what it would get now is not known: its text was not kept' };
  }
  try {
    const now = await explain(requestAgain(record, body), configuration(), steps);
    return { now, note: 'now: what the same request would get; of its headers only route and tags are on record' };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { now: null, note: `now it would be refused before it is planned: ${error.message} (${error.code})` };
  }
}

/** The recorded request, decoded anew. @throws GatewayError as when it came */
function requestAgain(record: JsonObject, body: string): ChatRequest {
  const headers = new Map<string, string>();
  const route = stringMember(record, 'route');
  if (route !== null && route !== stringMember(record, 'asked') && !wasRuled(record))
    headers.set('x-candor-route', route);
  const tags = headerTags(record, body);
  if (tags !== '') headers.set('x-candor-tags', tags);
  return decodeRecorded(record, Buffer.from(body), headers);
}

/** The tags that did not come in the body; a trace context is recorded as one. */
function headerTags(record: JsonObject, body: string): string {
  const json = parseJson(body);
  const twin = objectMember(isJsonObject(json) ? (objectMember(json, 'candor') ?? {}) : {}, 'tags') ?? {};
  const tags = objectMember(objectMember(record, 'request') ?? {}, 'tags') ?? {};
  const pairs = Object.entries(tags).flatMap(([name, value]) =>
    name === 'traceparent' || Object.hasOwn(twin, name) || typeof value !== 'string' ? [] : [`${name}=${value}`],
  );
  return pairs.join(',');
}
