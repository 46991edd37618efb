import type { ErrorReport } from './client-dialect.ts';
import type { GatewayError } from './errors.ts';

/** What an error tells a client, before a dialect puts it into its envelope. */
export function errorReport(
  error: GatewayError,
  context: { readonly id: string; readonly trace: string | null },
): ErrorReport {
  return {
    status: error.status,
    message: error.quote === null ? error.message : `${error.message}: ${error.quote}`,
    type: error.type,
    code: error.code,
    param: error.param,
    candor: {
      id: context.id,
      retry: { advised: error.retry, after_ms: error.retryAfterMs },
      attempts: [],
      refused: [],
      ...error.details,
      fix: error.fix,
      trace: context.trace,
    },
  };
}

/** What an error tells the SDKs about trying again: header names and values by turns. */
export function retryHeaders(error: Pick<GatewayError, 'retry' | 'retryAfterMs'>): readonly string[] {
  const headers = ['x-should-retry', String(error.retry)];
  if (error.retryAfterMs === null) return headers;
  const seconds = Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return [...headers, 'retry-after-ms', String(error.retryAfterMs), 'retry-after', String(seconds)];
}
