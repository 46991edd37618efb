import type { ServerResponse } from 'node:http';

import { errorReport, retryHeaders } from '../core/error-report.ts';
import type { GatewayError } from '../core/errors.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';

/** What an error answer says of itself beside the error. */
export interface ErrorContext {
  readonly id: string;
  readonly configHash: string;
  readonly trace: string | null;
}

/** Answers with an error in the envelope every SDK reads, and with the headers that keep SDKs from multiplying it. */
export function sendError(response: ServerResponse, error: GatewayError, context: ErrorContext): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = openAiChatDialect.encodeError(errorReport(error, context));
  const headers: readonly (readonly [string, string])[] = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
    ['x-request-id', context.id],
    ['request-id', context.id],
    ['x-candor-fallback', '?0'],
    ['x-candor-config', context.configHash],
    ...Object.entries(error.headers),
  ];
  response.writeHead(error.status, [...headers.flat(), ...retryHeaders(error)]);
  response.end(body);
}
