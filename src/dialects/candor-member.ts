import type { AnswerEnvelope } from '../core/client-dialect.ts';
import type { JsonObject } from '../core/json.ts';

/** The `candor` member of an answer; `undefined`, which is never written: the client wants the plain vendor shape. */
export function candorMember({ provenance }: Pick<AnswerEnvelope, 'provenance'>): JsonObject | undefined {
  return provenance === null ? undefined : (provenance as unknown as JsonObject);
}
