import type { FailureKind } from '../core/failure.ts';
import type { Attempt } from './attempt.ts';

const REFUSED: ReadonlySet<FailureKind> = new Set([
  'invalid_request',
  'context_length_exceeded',
  'request_too_large_for_model',
]);

/**
 * Whether the vendor would not take the question in which a model is asked again, at once or in a retry, as too long or
 * otherwise: what is wrong there is none of the client's request, which was answered before.
 * @param attempts in their order, up to the one that is judged
 */
export function isRefusedReask(attempts: readonly Attempt[]): boolean {
  const failed = attempts.at(-1)?.failed ?? null;
  const asked = attempts.findLast(({ why }) => why !== 'retry');
  return asked?.why === 'reask' && failed !== null && REFUSED.has(failed.kind);
}
