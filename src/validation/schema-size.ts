import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** What of a schema decides how long it takes to compile, and to check against. */
export interface SchemaSize {
  /** Values at every depth: members of objects and items of arrays. A regular expression counts as several. */
  readonly values: number;
  /** Whether every check of it ends in a time that grows with schema × answer: nothing is followed, compared in pairs or matched. */
  readonly isPlain: boolean;
}

/** Keywords whose cost has no bound of that kind: references recurse, the others compare all with all or run an expression. */
const COSTLY = new Set([
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
  'uniqueItems',
  'format',
  'pattern',
  'patternProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

/** What a regular expression counts beside its own value: it takes as long to compile as this many others, */
const EXPRESSION_VALUES = 4;
/** and as many more as it has characters, and as its bounded repetitions stand for, divided by this. */
const CHARACTERS_PER_VALUE = 20;

function expressionValues(pattern: string): number {
  let characters = pattern.length;
  for (const [, least = '0', most = ''] of pattern.matchAll(/\{(\d{1,6})(?:,(\d{0,6}))?\}/g)) {
    characters += Math.max(Number(least), Number(most));
  }
  return EXPRESSION_VALUES + Math.ceil(characters / CHARACTERS_PER_VALUE);
}

/** Measures a schema. Stops counting once there are more values than `limit`. */
export function sizeOf(schema: JsonObject, limit: number): SchemaSize {
  const waiting: JsonValue[] = [schema];
  let values = 0;
  let isPlain = true;
  for (let node = waiting.pop(); node !== undefined && values <= limit; node = waiting.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      values += node.length;
      if (values <= limit) waiting.push(...(node as readonly JsonValue[]));
      continue;
    }
    for (const [key, value] of Object.entries(node as JsonObject)) {
      values += 1;
      if (key === 'pattern' && typeof value === 'string') values += expressionValues(value);
      if (key === 'patternProperties' && isJsonObject(value)) {
        for (const pattern of Object.keys(value)) values += expressionValues(pattern);
      }
      if (COSTLY.has(key)) isPlain = false;
      waiting.push(value as JsonValue);
    }
  }
  return { values, isPlain };
}
