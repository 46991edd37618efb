import { GatewayError } from '../core/errors.ts';
import { isGenerationId } from '../core/identifier.ts';
import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject } from '../core/json.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { explain } from '../pipeline/explain.ts';
import { decodeRecorded } from './decode-recorded.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** `POST /v1/candor/explain`: what would happen to a chat request, or to a recorded one if it came again. Sends nothing and records nothing. */
export const explainRequest: Endpoint = { method: 'POST', path: '/v1/candor/explain', handle: explainCall };

async function explainCall(call: EndpointCall): Promise<void> {
  const { configuration, steps } = call.context;
  const body = await readJsonBytes(call.request, call.held);
  const json = parseJson(body.toString('utf8'));
  const recorded = isJsonObject(json) && json['generation'] !== undefined ? await recordedRequest(json, call) : null;
  const headers = recorded === null ? directiveHeaders(call) : recorded.headers;
  const request =
    recorded === null
      ? decodeChatRequest(body, headers, { explain: true })
      : decodeRecorded(recorded.record, recorded.body, headers);
  const explanation = await explain(request, configuration(), steps);
  if (recorded === null) sendJson(call, 200, explanation);
  else
    sendJson(call, 200, {
      ...explanation,
      generation: recorded.id,
      notes: [...recorded.notes, ...notesOf(explanation)],
    });
}

interface RecordedRequest {
  readonly id: string;
  readonly record: JsonObject;
  readonly body: Buffer;
  readonly headers: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** The request of a generation as it came. @throws GatewayError when there is none, or its text was not kept */
async function recordedRequest(asked: JsonObject, call: EndpointCall): Promise<RecordedRequest> {
  const other = Object.keys(asked).find((name) => name !== 'generation');
  if (other !== undefined) {
    throw new GatewayError('unsupported_parameter', `\`${other}\` cannot be given beside \`generation\``, {
      param: other,
    });
  }
  const id = stringMember(asked, 'generation') ?? '';
  const record = isGenerationId(id) ? await call.context.steps.ledger.find(id) : null;
  if (record === null) {
    throw new GatewayError('generation_not_found', 'there is no such generation', { param: 'generation' });
  }
  const text = stringMember(objectMember(record, 'request') ?? {}, 'body');
  if (text === null) {
    throw new GatewayError('content_not_kept', `the request of \`${id}\` was not kept, so it cannot be planned again`);
  }
  const route = stringMember(record, 'route');
  const byHeader = route !== null && route !== stringMember(record, 'asked');
  return {
    id,
    record,
    body: Buffer.from(text),
    headers: new Map(byHeader ? [['x-candor-route', route]] : []),
    notes: whatHappened(record),
  };
}

function whatHappened(record: JsonObject): readonly string[] {
  const at = stringMember(record, 'created_at') ?? '';
  const config = stringMember(record, 'config') ?? '';
  return [
    `then (${at}, config ${config}): ${stringMember(record, 'why') ?? 'not known'}`,
    'the plan is what the same request would get now; of its headers only the route is on record',
  ];
}

function notesOf(explanation: JsonObject): readonly string[] {
  const { notes } = explanation;
  return Array.isArray(notes) ? notes.map(String) : [];
}
