import { hash } from 'node:crypto';

import type { DialectId } from '../core/chat.ts';
import type { GatewayError } from '../core/errors.ts';
import { NOT_VALIDATED, type GenerationRecord } from '../core/record.ts';
import type { Configuration } from '../core/route.ts';
import type { Steps } from './exchange.ts';

/** A request that could not even be decoded. */
export interface Rejection {
  readonly id: string;
  readonly body: Buffer;
  readonly configuration: Configuration;
  readonly error: GatewayError;
  /** The dialect of the path it came to. */
  readonly dialect: DialectId;
}

/** Records a request that never reached a plan; its body is kept like any other's. @throws LedgerUnavailable */
export async function recordRejection(rejection: Rejection, steps: Steps): Promise<void> {
  const at = new Date(steps.clock.wallTime()).toISOString();
  const { id, error, configuration } = rejection;
  const record: GenerationRecord = {
    id,
    object: 'generation',
    status: error.code === 'client_closed' ? 'cancelled' : 'failed',
    http: error.status,
    error: { code: error.code, message: error.message },
    created_at: at,
    ended_at: at,
    key: null,
    dialect: rejection.dialect,
    stream: false,
    config: configuration.hash,
    asked: null,
    route: null,
    served_by: null,
    simulated: false,
    fallback: null,
    degraded: null,
    adjustments: [],
    validation: NOT_VALIDATED,
    confidence: { value: null, status: 'unknown', signals: {} },
    data: ['public'],
    why: 'no model was asked: the request could not be read',
    trace: steps.traceBase + id,
    request: { params: {}, tags: {}, body: null, sha256: hash('sha256', rejection.body) },
    candidates: [],
    decision: null,
    attempts: [],
    usage: null,
    cost: 0,
  };
  await steps.ledger.finish(record, { request: rejection.body, attempts: [] });
}
