import type { FailureKind } from '../core/failure.ts';
import type { Attempt } from './attempt.ts';

const REFUSED: ReadonlySet<FailureKind> = new Set([
  'invalid_request',
  'context_length_exceeded',
  'request_too_large_for_model',
]);

/**
 * Whether the vendor would not take the question in which a model is asked again, as too long or otherwise: what is wrong
 * there is none of the client's request, which was answered before.
 */
export function isRefusedReask({ why, failed }: Attempt): boolean {
  return why === 'reask' && failed !== null && REFUSED.has(failed.kind);
}
