import { isJsonObject } from '../core/json.ts';

/** Deeper ones are no use to anybody, and a circle would never end. */
const MAX_DEPTH = 100;

/** Whether JSON can hold the value as it is, whatever its type says: nothing else can be hashed, copied or recorded. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((member) => isPlainJson(member, depth + 1));
}
