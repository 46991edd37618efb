import type { FailureKind } from '../core/failure.ts';

/** What an HTTP status means where the body says nothing more exact. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 404) return 'model_unavailable';
  if (status === 408 || status === 504) return 'timeout';
  if (status === 413) return 'request_too_large_for_model';
  if (status === 429) return 'rate_limited';
  if (status === 503 || status === 529) return 'overloaded';
  if (status >= 300 && status < 400) return 'redirect_refused';
  if (status >= 400 && status < 500) return 'invalid_request';
  if (status >= 500 && status < 600) return 'error';
  return 'protocol';
}
