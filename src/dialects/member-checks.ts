import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/**
 * Checks of one member each, for decoding what a client wrote. They give the typed value or end the
 * request with the code of its fault and the path in `param`. An absent member is `undefined`.
 */

/** The member as a string. @throws GatewayError `invalid_type` */
export function requireString(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string') return value;
  throw wrongType(path, 'a string', value);
}

/** The member as an object. @throws GatewayError `invalid_type` */
export function requireObject(value: JsonValue | undefined, path: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw wrongType(path, 'an object', value);
}

/** The member as an array. @throws GatewayError `invalid_type` */
export function requireArray(value: JsonValue | undefined, path: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  throw wrongType(path, 'an array', value);
}

/** The member as a boolean; absent and `null` are `null`. @throws GatewayError `invalid_type` */
export function optionalBoolean(value: JsonValue | undefined, path: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  throw wrongType(path, 'true or false', value);
}

/** The member as a string; absent and `null` are `null`. @throws GatewayError `invalid_type` */
export function optionalString(value: JsonValue | undefined, path: string): string | null {
  return value === undefined || value === null ? null : requireString(value, path);
}

/** The member as an object; absent and `null` are `null`. @throws GatewayError `invalid_type` */
export function optionalObject(value: JsonValue | undefined, path: string): JsonObject | null {
  return value === undefined || value === null ? null : requireObject(value, path);
}

/** A number within bounds. @throws GatewayError `invalid_type`, `number_out_of_range`, `param_out_of_range` */
export function requireNumber(
  value: JsonValue | undefined,
  path: string,
  bounds: { readonly min: number; readonly max: number; readonly integer: boolean },
): number {
  if (typeof value !== 'number') throw wrongType(path, bounds.integer ? 'a whole number' : 'a number', value);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new GatewayError('number_out_of_range', `\`${path}\` is a number JSON cannot carry exactly`, { param: path });
  }
  if (bounds.integer && !Number.isInteger(value)) throw wrongType(path, 'a whole number', value);
  if (value < bounds.min || value > bounds.max) {
    throw new GatewayError('param_out_of_range', `\`${path}\` must be between ${bounds.min} and ${bounds.max}`, {
      param: path,
    });
  }
  return value;
}

/** One of the listed words. @throws GatewayError `invalid_type`, `param_out_of_range` */
export function requireWord(value: JsonValue | undefined, path: string, words: readonly string[]): string {
  const word = requireString(value, path);
  if (!words.includes(word)) {
    throw new GatewayError('param_out_of_range', `\`${path}\` must be one of ${words.join(', ')}`, { param: path });
  }
  return word;
}

/** Adds the paths of members that are not known here to `found`. `null` members ask for nothing. */
export function noteUnknown(object: JsonObject, known: ReadonlySet<string>, path: string, found: string[]): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && object[key] !== null) found.push(path === '' ? key : `${path}.${key}`);
  }
}

function wrongType(path: string, wanted: string, value: JsonValue | undefined): GatewayError {
  return new GatewayError('invalid_type', `\`${path}\` must be ${wanted}, not ${describe(value)}`, { param: path });
}

function describe(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
