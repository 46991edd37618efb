import type { JsonValue } from './json.ts';

const FLOAT_BYTES = 4;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The numbers of a vector, written as JSON or as the base64 of little-endian 32-bit floats; `null` for anything else. */
export function decodeVector(written: JsonValue | undefined): readonly number[] | null {
  const numbers = typeof written === 'string' ? fromBase64(written) : written;
  if (!Array.isArray(numbers)) return null;
  const items = numbers as readonly JsonValue[];
  return items.every(isFloat) ? (items as readonly number[]) : null;
}

/** Whether it is a number that stays one as a 32-bit float, in which vectors travel. */
function isFloat(item: JsonValue): boolean {
  return typeof item === 'number' && Number.isFinite(Math.fround(item));
}

function fromBase64(text: string): readonly number[] | null {
  const bytes = Buffer.from(text, 'base64');
  if (!BASE64.test(text) || bytes.length % FLOAT_BYTES !== 0) return null;
  return Array.from({ length: bytes.length / FLOAT_BYTES }, (_, index) => bytes.readFloatLE(index * FLOAT_BYTES));
}

/** The vector as the base64 of little-endian 32-bit floats, as OpenAI's SDKs read it. */
export function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * FLOAT_BYTES);
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * FLOAT_BYTES));
  return bytes.toString('base64');
}
