import type { JsonValue } from '../core/json.ts';

/** The strings of JSON text; of a member's name with the colon after it. */
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(?:[\t\n\r ]*(:))?/g;

/**
 * Whether an object in the text names a member twice. Readers of JSON then differ in which value they take (RFC 8259 §4),
 * so that what was checked need not be what the client reads.
 * @param value what the text was parsed to
 */
export function hasRepeatedNames(text: string, value: JsonValue): boolean {
  let named = 0;
  for (const found of text.matchAll(STRINGS)) if (found[1] !== undefined) named++;
  return named > memberCount(value);
}

function memberCount(root: JsonValue): number {
  const waiting: JsonValue[] = [root];
  let count = 0;
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inside = Object.values(value) as readonly JsonValue[];
    if (!Array.isArray(value)) count += inside.length;
    for (const each of inside) waiting.push(each);
  }
  return count;
}
