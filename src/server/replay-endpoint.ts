import { GatewayError } from '../core/errors.ts';
import { type JsonObject, objectMember, stringMember } from '../core/json.ts';
import type { Configuration } from '../core/route.ts';
import { parseJsonBody } from '../dialects/json-body.ts';
import { optionalString } from '../dialects/member-checks.ts';
import { askAside } from '../pipeline/ask-aside.ts';
import { handleChat } from '../pipeline/handle-chat.ts';
import { recordedAgreement } from '../pipeline/recorded-agreement.ts';
import { recordedDialect } from './decode-recorded.ts';
import { type Endpoint, type EndpointCall, sendJson } from './endpoint.ts';
import { findRecord } from './find-record.ts';
import { refuseOtherMembers } from './known-members.ts';
import { readQueryWords } from './query-words.ts';
import { replayOf, requireModel } from './replay.ts';
import { readJsonBytes } from './request-body.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MEMBERS = ['model', 'config'];

/**
 * `POST /v1/generations/{id}/replay`: runs a recorded request again, under the policy of any other request, and answers with
 * the new generation's record and how far its answer agrees with the first. It ends when whoever asked for it goes.
 */
export const replayGeneration: Endpoint = { method: 'POST', path: '/v1/generations/{id}/replay', handle: replay };

async function replay(call: EndpointCall): Promise<void> {
  readQueryWords(call.target.query, [], 'a replay');
  if (call.request.headers['idempotency-key'] !== undefined) {
    const message = 'a replay takes no idempotency key: each is a new generation';
    throw new GatewayError('unsupported_parameter', message, { param: 'Idempotency-Key' });
  }
  const { model, config } = decodeReplay(await readJsonBytes(call.request, call.held, MAX_BODY_BYTES));
  const { steps } = call.context;
  const configuration = call.context.configuration();
  const record = await findRecord(call.parameter, 'id', call);
  if (config === 'then') requireSameConfig(record, configuration);
  if (model !== null) requireModel(model, record, configuration);
  const { request, aside } = replayOf(record, keptBody(record), model, configuration);
  const gone = new AbortController();
  call.response.on('close', () => gone.abort());
  if (call.response.destroyed) gone.abort();
  const dialect = recordedDialect(record);
  const { exchange } = await askAside(
    { aside, request, dialect, configuration, signal: gone.signal },
    steps,
    handleChat,
  );
  const replayed = await steps.ledger.find(exchange.id);
  if (replayed === null) throw new GatewayError('ledger_unavailable', 'the replay could not be recorded');
  sendJson(call, 200, { ...replayed, agreement: recordedAgreement(record, replayed, exchange, steps) });
}

interface AskedReplay {
  readonly model: string | null;
  readonly config: 'then' | 'now';
}

/** @throws GatewayError for what it must not have */
function decodeReplay(body: Buffer): AskedReplay {
  const { json } = parseJsonBody(body);
  refuseOtherMembers(json, MEMBERS, 'a replay');
  const config = optionalString(json['config'], 'config') ?? 'now';
  if (config !== 'then' && config !== 'now') {
    throw new GatewayError('param_out_of_range', '`config` must be `then` or `now`', { param: 'config' });
  }
  return { model: optionalString(json['model'], 'model'), config };
}

/** A snapshot holds neither secrets nor functions: a configuration of before cannot be put together again beside the one in force. */
function requireSameConfig(record: JsonObject, { hash }: Configuration): void {
  const then = stringMember(record, 'config') ?? 'unknown';
  if (then === hash) return;
  const message = `config ${then} is not in force any more (${hash} is), and a replay runs under the one that is`;
  const fix = `Leave \`config\` out, or put that one in force with \`candor config rollback ${then}\` first.`;
  throw new GatewayError('unsupported_parameter', message, { param: 'config', fix });
}

const MISSING: Readonly<Record<string, string>> = { not_kept: 'was not kept', erased: 'was erased', lost: 'is lost' };

/** @throws GatewayError `content_not_kept` */
function keptBody(record: JsonObject): string {
  const body = stringMember(objectMember(record, 'request') ?? {}, 'body');
  if (body !== null) return body;
  const isRunning = stringMember(record, 'status') === 'running';
  const what = isRunning
    ? 'is not on record before it has ended'
    : (MISSING[stringMember(record, 'content') ?? ''] ?? 'is not there');
  throw new GatewayError('content_not_kept', `the text of this request ${what}: it cannot be run again`, {
    param: 'id',
  });
}
