import type { IncomingMessage, ServerResponse } from 'node:http';

import { errorReport, retryHeaders } from '../core/error-report.ts';
import { ERRORS, GatewayError } from '../core/errors.ts';
import { newGenerationId } from '../core/identifier.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import { dialectOfRequest } from './dialect-of-request.ts';
import { errorHeaders } from './http-error.ts';
import type { ShedReason } from './overload.ts';

const MESSAGES: Readonly<Record<ShedReason, string>> = {
  'event loop': 'the gateway has more work than it can do in time, so this request was not begun',
  requests: 'the gateway has as many requests under way as it takes, so this one was not begun',
  memory: 'the gateway holds as much of requests and answers as it may, so this request was not begun',
};
/** A body up to this size is read past, so that the connection can be kept: a new one would cost more. */
const MAX_SKIPPED_BYTES = 1024 * 1024;
const { status: STATUS, retry: RETRY } = ERRORS.overloaded;
/** Stand in the prepared answers for what differs from one refusal to the next. */
const SAMPLE = { id: newGenerationId(0), retryAfterMs: 987_654_321 };

/** One refusal. */
export interface Refusal {
  readonly id: string;
  readonly reason: ShedReason;
  readonly retryAfterMs: number;
  readonly configHash: string;
}

/** Tells clients that the gateway is overloaded, with as little work as an answer can be. */
export class ShedAnswers {
  /** The texts around what differs, by dialect and reason. */
  readonly #bodies = new Map<ClientDialect, Map<ShedReason, readonly string[]>>();

  send(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    // There is nobody to tell of a client that has gone; without a listener it would end the process.
    response.on('error', () => undefined);
    if (!isSkippable(request)) {
      response.shouldKeepAlive = false;
      response.once('finish', () => request.destroy());
    }
    const body = this.#body(refusal, dialectOfRequest(request));
    const retry = retryHeaders({ retry: RETRY, retryAfterMs: refusal.retryAfterMs });
    response.writeHead(STATUS, [...errorHeaders(refusal, body.length), ...retry]);
    response.end(body, 'latin1');
  }

  /** The bytes of the answer, one a character. */
  #body({ reason, id, retryAfterMs }: Refusal, dialect: ClientDialect): string {
    const bodies = this.#bodies.get(dialect) ?? new Map<ShedReason, readonly string[]>();
    this.#bodies.set(dialect, bodies);
    const parts = bodies.get(reason) ?? prepare(reason, dialect);
    bodies.set(reason, parts);
    const [first = '', second = '', third = ''] = parts;
    return `${first}${id}${second}${retryAfterMs}${third}`;
  }
}

function prepare(reason: ShedReason, dialect: ClientDialect): readonly string[] {
  const error = new GatewayError('overloaded', MESSAGES[reason], { retryAfterMs: SAMPLE.retryAfterMs });
  const body = dialect.encodeError(errorReport(error, { id: SAMPLE.id, trace: null }));
  return body.toString('latin1').split(new RegExp(`${SAMPLE.id}|${SAMPLE.retryAfterMs}`));
}

/** Whether what is left of the request can be read past: Node does so by itself once the answer has gone. */
function isSkippable(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding === undefined && Number(length ?? 0) <= MAX_SKIPPED_BYTES;
}
