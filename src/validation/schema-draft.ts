import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

const DRAFT_2020 = /2020-12/;
/** What draft-07 would pass over. */
const WORDS_OF_2020: readonly string[] = [
  '$dynamicRef',
  'dependentRequired',
  'dependentSchemas',
  'maxContains',
  'minContains',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
];
/** Below these stand names, each with a schema, */
const NAMING_WORDS: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);
/** and below these no schemas. */
const WORDS_OF_VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples']);

/** Whether a schema is of draft 2020-12: by its `$schema`, and without one by its words. Else it is of draft-07. */
export function isOf2020(schema: JsonObject): boolean {
  const { $schema } = schema;
  return typeof $schema === 'string' ? DRAFT_2020.test($schema) : holdsWord(schema, WORDS_OF_2020);
}

/** Whether one of these words says something in the schema, at any depth. */
export function holdsWord(schema: JsonObject, words: readonly string[]): boolean {
  const waiting: JsonValue[] = [schema];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (Array.isArray(node)) waiting.push(...(node as readonly JsonValue[]));
    if (!isJsonObject(node)) continue;
    if (words.some((word) => Object.hasOwn(node, word))) return true;
    for (const [word, value] of Object.entries(node)) {
      if (WORDS_OF_VALUES.has(word)) continue;
      const isOfNames = NAMING_WORDS.has(word) && isJsonObject(value);
      waiting.push(...((isOfNames ? Object.values(value) : [value]) as JsonValue[]));
    }
  }
  return false;
}
