import { GatewayError } from '../core/errors.ts';
import { newEventId } from '../core/identifier.ts';
import { type JsonObject, stringMember } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import { type Endpoint, type EndpointCall, sendJson } from './endpoint.ts';
import { findRecord } from './find-record.ts';
import { decodeOutcome } from './outcome-body.ts';
import { outcomeFacts } from './outcome-facts.ts';
import { readQueryWords } from './query-words.ts';
import { readJsonBytes } from './request-body.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** `POST /v1/generations/{id}/outcome`: what somebody says of an answer. Each is an event of its own, on disk before it is answered. */
export const addOutcome: Endpoint = { method: 'POST', path: '/v1/generations/{id}/outcome', handle: takeOutcome };

async function takeOutcome(call: EndpointCall): Promise<void> {
  readQueryWords(call.target.query, [], 'an outcome');
  if (call.request.headers['idempotency-key'] !== undefined) {
    const message = 'an outcome takes no idempotency key: of several of one source, the latest counts';
    throw new GatewayError('unsupported_parameter', message, { param: 'Idempotency-Key' });
  }
  const outcome = decodeOutcome(await readJsonBytes(call.request, call.held, MAX_BODY_BYTES));
  const { outcomes, steps } = call.context;
  const record = await completeRecord(call);
  const nowMs = steps.clock.wallTime();
  const event: LedgerEvent = {
    id: newEventId('outcome', nowMs),
    object: 'outcome',
    created_at: new Date(nowMs).toISOString(),
    body: { ...outcomeFacts(record), ...outcome },
  };
  await steps.ledger.note(event);
  outcomes.add(event);
  const { id, object, created_at } = event;
  sendJson(call, 201, { object, id, generation: call.parameter, ...outcome, created_at });
}

/** @throws GatewayError `generation_not_found`, `generation_not_complete` */
async function completeRecord(call: EndpointCall): Promise<JsonObject> {
  const record = await findRecord(call.parameter, 'id', call);
  const status = stringMember(record, 'status');
  if (status === 'complete') return record;
  throw new GatewayError('generation_not_complete', `the generation is ${status}: it has no complete answer to judge`, {
    param: 'id',
  });
}
