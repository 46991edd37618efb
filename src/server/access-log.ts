import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Logger } from 'pino';

import type { DecisionEntry } from '../telemetry/decision-log.ts';
import type { ShedReport } from './overload.ts';

export interface ServedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly milliseconds: number;
}

/** One line a request, without its query, its body or any header a client sent. */
export interface AccessLog {
  request(served: ServedRequest): void;
  /** A fault of our own; the client hears only `internal_error`. */
  failure(id: string, cause: unknown): void;
  /** Requests that were refused for want of room; they have no line of their own, which would cost what they are to spare. */
  shed(report: ShedReport): void;
  /** A circuit or an objective that changed whom requests are sent to. */
  decision(entry: DecisionEntry): void;
}

/** Writes the access log through pino. */
export function createAccessLog(logger: Logger): AccessLog {
  return {
    request({ request, response, id, milliseconds }) {
      logger.info({
        id,
        method: request.method,
        path: (request.url ?? '').split('?', 1)[0],
        status: response.statusCode,
        ms: Math.round(milliseconds),
        complete: response.writableFinished,
      });
    },
    failure(id, cause) {
      logger.error({
        id,
        error:
          cause instanceof Error ? { name: cause.name, message: cause.message, stack: cause.stack } : String(cause),
      });
    },
    shed(report) {
      logger.warn({ event: 'overloaded', ...report });
    },
    decision(entry) {
      logger.info({ event: 'decision', ...entry });
    },
  };
}
