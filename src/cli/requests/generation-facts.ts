import { stringMember, type JsonObject } from '../../core/json.ts';

/** The deployment that answered, as `provider/model`; `null` when none did. The region it ran in is no part of its name. */
export function servedDeployment(generation: JsonObject): string | null {
  return stringMember(generation, 'served_by')?.replace(/@[^@/]*$/, '') ?? null;
}

/** Milliseconds from its beginning to its end; `null` while it has none. */
export function elapsedMs(generation: JsonObject): number | null {
  const createdMs = Date.parse(stringMember(generation, 'created_at') ?? '');
  const endedMs = Date.parse(stringMember(generation, 'ended_at') ?? '');
  return Number.isNaN(endedMs - createdMs) ? null : endedMs - createdMs;
}
