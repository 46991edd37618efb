import type { ServerResponse } from 'node:http';

import type { GatewayError } from '../core/errors.ts';

/** What an error answer says of itself beside the error. */
export interface ErrorContext {
  readonly id: string;
  readonly configHash: string;
  readonly trace: string | null;
}

/** Answers with an error in OpenAI's envelope, which every SDK reads, and with the headers that keep SDKs from multiplying it. */
export function sendError(response: ServerResponse, error: GatewayError, context: ErrorContext): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(
    JSON.stringify({
      error: {
        message: error.message,
        type: error.type,
        param: error.param,
        code: error.code,
        candor: {
          id: context.id,
          retry: { advised: error.retry, after_ms: error.retryAfterMs },
          attempts: [],
          refused: [],
          ...error.details,
          fix: error.fix,
          trace: context.trace,
        },
      },
    }),
  );
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': String(body.length),
    'x-request-id': context.id,
    'request-id': context.id,
    'x-should-retry': String(error.retry),
    'x-candor-fallback': '?0',
    'x-candor-config': context.configHash,
    ...error.headers,
  };
  if (error.retryAfterMs !== null) {
    headers['retry-after-ms'] = String(error.retryAfterMs);
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  }
  response.writeHead(error.status, headers);
  response.end(body);
}
