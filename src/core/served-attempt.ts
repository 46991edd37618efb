import { arrayMember, isJsonObject, type JsonObject } from './json.ts';

/** The attempt whose answer the client got whole, of a recorded generation: not always the last; `null`: nobody's. */
export function servedAttempt(record: JsonObject): JsonObject | null {
  if (record['status'] !== 'complete') return null;
  const attempts = arrayMember(record, 'attempts').filter(isJsonObject);
  return attempts.findLast(({ kind }) => kind === 'ok') ?? null;
}
