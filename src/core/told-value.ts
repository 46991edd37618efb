import { createHash } from 'node:crypto';

import type { JsonValue } from './json.ts';

/** Longer values are content, whatever they are called: what only says how to answer is short. */
const MAX_TOLD_CHARACTERS = 2_000;

/** The value, or for texts and whatever may hold some the hash and length that stand in for them where nothing can be erased. */
export function withoutText(value: JsonValue): JsonValue {
  if (value === '' || value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { sha256: createHash('sha256').update(text).digest('hex'), characters: text.length };
}

/** The same for values too long for a parameter; others stay as they are. */
export function withoutLongText(value: JsonValue): JsonValue {
  const mayBeLong = typeof value === 'string' || typeof value === 'object';
  return mayBeLong && JSON.stringify(value).length > MAX_TOLD_CHARACTERS ? withoutText(value) : value;
}
