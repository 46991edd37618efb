import { type JsonObject, type JsonValue, isJsonObject, parseJson } from '../../core/json.ts';
import type { CalledTool, ReceivedImage } from '../question.ts';
import { RequestRefused } from './protocol.ts';

/** The number under a name, within its bounds; `null` when it is absent or `null`. @throws RequestRefused otherwise. */
export function numberBetween(body: JsonObject, name: string, low: number, high: number, path = name): number | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number')
    throw new RequestRefused(
      400,
      `Invalid type for '${path}': expected a number, but got ${typeName(value)} instead.`,
      path,
      'invalid_type',
    );
  if (value < low || value > high) {
    const side = value < low ? `minimum value >= ${low}` : `maximum value <= ${high}`;
    const code = value < low ? 'decimal_below_min_value' : 'decimal_above_max_value';
    throw new RequestRefused(400, `Invalid '${path}': expected a ${side}, but got ${value} instead.`, path, code);
  }
  return value;
}

/** The whole number under a name, within its bounds; `null` when it is absent or `null`. @throws RequestRefused otherwise. */
export function integerBetween(body: JsonObject, name: string, low: number, high: number, path = name): number | null {
  const value = numberBetween(body, name, low, high, path);
  if (value !== null && !Number.isInteger(value)) {
    throw new RequestRefused(
      400,
      `Invalid type for '${path}': expected an integer, but got a decimal number instead.`,
      path,
      'invalid_type',
    );
  }
  return value;
}

/** What kind of JSON a value is, for messages. */
export function typeName(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'an array' : `a${/^[aeiou]/.test(typeof value) ? 'n' : ''} ${typeof value}`;
}

/** A value as a message quotes it: text as it is, anything else as JSON. */
export function shown(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** The objects of an array; anything else in it is left to the checks that named it. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

/** The strings of an array, or the one string; empty for anything else. */
export function stringsOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((entry) => typeof entry === 'string') : [];
}

/** The first name in an object that is not among the known ones. */
export function unknownName(object: JsonObject, known: ReadonlySet<string>): string | null {
  return Object.keys(object).find((name) => !known.has(name)) ?? null;
}

/** The names in a text, set apart by spaces. */
export function namesOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((name) => name !== ''));
}

/** An image given as base64: its type and its real size. */
export function encodedImage(mediaType: string, base64: string): ReceivedImage {
  return { mediaType, bytes: Buffer.from(base64, 'base64').length };
}

/** An image given by `data:` or by its address. */
export function imageAt(url: string): ReceivedImage {
  const match = /^data:([\w/+.-]+);base64,(.*)$/s.exec(url);
  return match === null ? { mediaType: 'unknown', bytes: null } : encodedImage(match[1] ?? '', match[2] ?? '');
}

/** A call's arguments as an object, for protocols that carry them parsed; cut or odd JSON gives an empty one. */
export function argumentsObject(call: CalledTool): JsonObject {
  const value = parseJson(call.arguments);
  return isJsonObject(value) ? value : {};
}
