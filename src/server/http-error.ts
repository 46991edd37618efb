import type { ServerResponse } from 'node:http';

import { errorReport, retryHeaders } from '../core/error-report.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import type { GatewayError } from '../core/errors.ts';

/** What an error answer says of itself beside the error. */
export interface ErrorContext {
  readonly id: string;
  readonly configHash: string;
  readonly trace: string | null;
  /** In whose envelope. */
  readonly dialect: ClientDialect;
}

/** Answers with an error in the envelope that the SDKs of its dialect read, and with the headers that keep SDKs from multiplying it. */
export function sendError(response: ServerResponse, error: GatewayError, context: ErrorContext): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = context.dialect.encodeError(errorReport(error, context));
  const headers = [...errorHeaders(context, body.length), ...Object.entries(error.headers).flat()];
  response.writeHead(error.status, [...headers, ...retryHeaders(error)]);
  response.end(body);
}

/** What every error answer says in its headers, names and values by turns. */
export function errorHeaders(context: Pick<ErrorContext, 'id' | 'configHash'>, bodyBytes: number): readonly string[] {
  return [
    'content-type',
    'application/json',
    'cache-control',
    'no-store',
    'content-length',
    String(bodyBytes),
    'x-request-id',
    context.id,
    'request-id',
    context.id,
    'x-candor-fallback',
    '?0',
    'x-candor-config',
    context.configHash,
  ];
}
