import { GatewayError } from '../core/errors.ts';
import { isJsonObject, numberMember, objectMember, parseJson, stringMember, type JsonObject } from '../core/json.ts';
import { optionalString } from '../dialects/member-checks.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { explain } from '../pipeline/explain/explain.ts';
import { explainRecord } from '../pipeline/explain/explain-record.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { findRecord } from './find-record.ts';
import { replayOf, requireModel } from './replay.ts';
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

/** The past from its record, and `now` from its content. @throws GatewayError when there is no such generation, or no such model */
async function explainGeneration(asked: JsonObject, call: EndpointCall): Promise<JsonObject> {
  const other = Object.keys(asked).find((name) => name !== 'generation' && name !== 'model');
  if (other !== undefined) {
    throw new GatewayError('unsupported_parameter', `\`${other}\` cannot be given beside \`generation\``, {
      param: other,
    });
  }
  const model = optionalString(asked['model'], 'model');
  const record = await findRecord(stringMember(asked, 'generation') ?? '', 'generation', call);
  if (model !== null) requireModel(model, record, call.context.configuration());
  const past = explainRecord(record);
  const { now, note } = await explainNow(record, model, call);
  return { ...past, notes: [...(past['notes'] as readonly string[]), note], now };
}

/** What the same request would get now, of that model or as it is planned; `null` with the reason where that cannot be told. */
async function explainNow(
  record: JsonObject,
  model: string | null,
  call: EndpointCall,
): Promise<{ readonly now: JsonObject | null; readonly note: string }> {
  const { steps } = call.context;
  const configuration = call.context.configuration();
  const body = stringMember(objectMember(record, 'request') ?? {}, 'body');
  if (body === null) {
    return { now: null, note: 'what it would get now is not known: its text is not there' };
  }
  try {
    const { request, aside } = replayOf(record, body, model, configuration);
    const answerTokens = numberMember(objectMember(record, 'usage') ?? {}, 'completion_tokens');
    const dryRun = { outages: [], prices: [], clock: null, promptTokens: null, answerTokens };
    const again = { ...request, directives: { ...request.directives, dryRun } };
    const now = await explain(again, configuration, steps, model === null ? undefined : aside);
    return {
      now,
      note: 'now: what the same request would get; where no answer was measured, one as long as then is taken',
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { now: null, note: `now it would be refused before it is planned: ${error.message} (${error.code})` };
  }
}
