import { Secret } from '../core/secret.ts';

/**
 * Freezes a value and everything in it; maps lose their means to change. What a registry lent
 * (`shared`) is passed over: it is not the configuration's to freeze.
 */
export function deepFreeze<Value>(value: Value, shared: ReadonlySet<unknown>): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || shared.has(value)) return value;
  if (value instanceof Secret) return Object.freeze(value);
  if (value instanceof Map) {
    for (const member of value.values()) deepFreeze(member, shared);
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuseChange });
    return Object.freeze(value);
  }
  for (const member of Object.values(value)) deepFreeze(member, shared);
  return Object.freeze(value);
}

function refuseChange(): never {
  throw new TypeError('the configuration is frozen');
}
