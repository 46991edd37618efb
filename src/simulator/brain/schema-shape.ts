import {
  type JsonObject,
  type JsonValue,
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
} from '../../core/json.ts';

const LONGEST_REFERENCE_CHAIN = 16;

/** The schema with `$ref` followed and `allOf` laid into one. Types, properties and bounds only: no keyword that needs a value. */
export function resolveSchema(schema: JsonValue | undefined, root: JsonObject): JsonObject {
  if (!isJsonObject(schema)) return {};
  let current: JsonObject = schema;
  for (let step = 0; step < LONGEST_REFERENCE_CHAIN; step++) {
    const reference = stringMember(current, '$ref');
    if (reference === null) break;
    const { $ref: _reference, ...beside } = current;
    current = mergeSchemas(lookUp(reference, root), beside);
  }
  const parts = arrayMember(current, 'allOf');
  if (parts.length === 0) return current;
  const { allOf: _parts, ...beside } = current;
  return parts.reduce<JsonObject>((merged, part) => mergeSchemas(merged, resolveSchema(part, root)), beside);
}

function lookUp(reference: string, root: JsonObject): JsonObject {
  if (!reference.startsWith('#')) return {};
  let value: JsonValue | undefined = root;
  for (const step of reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    value = Array.isArray(value)
      ? (value as readonly JsonValue[])[Number(key)]
      : isJsonObject(value)
        ? value[key]
        : undefined;
  }
  return isJsonObject(value) ? value : {};
}

function mergeSchemas(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...left, ...right };
  if (left['properties'] !== undefined || right['properties'] !== undefined) {
    merged['properties'] = { ...objectMember(left, 'properties'), ...objectMember(right, 'properties') };
  }
  const required = new Set([...arrayMember(left, 'required'), ...arrayMember(right, 'required')]);
  if (required.size > 0) merged['required'] = [...required];
  keepStricter(merged, left, right, Math.max, [
    'minimum',
    'exclusiveMinimum',
    'minLength',
    'minItems',
    'minProperties',
  ]);
  keepStricter(merged, left, right, Math.min, [
    'maximum',
    'exclusiveMaximum',
    'maxLength',
    'maxItems',
    'maxProperties',
  ]);
  return merged;
}

function keepStricter(
  merged: Record<string, JsonValue | undefined>,
  left: JsonObject,
  right: JsonObject,
  stricter: (first: number, second: number) => number,
  keywords: readonly string[],
): void {
  for (const keyword of keywords) {
    const first = numberMember(left, keyword);
    const second = numberMember(right, keyword);
    if (first !== null && second !== null) merged[keyword] = stricter(first, second);
  }
}

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

/** The types a resolved schema allows, the one to write first; guessed from its keywords where it names none. */
export function typesOf(schema: JsonObject): readonly JsonType[] {
  const type = schema['type'];
  const named = (Array.isArray(type) ? type : [type]).flatMap((name) =>
    typeof name === 'string' ? [name.toLowerCase() as JsonType] : [],
  );
  const types = named.length > 0 ? named : [guessedType(schema)];
  const nullable = schema['nullable'] === true && !types.includes('null') ? [...types, 'null' as const] : types;
  return nullable.toSorted((left, right) => Number(left === 'null') - Number(right === 'null'));
}

function guessedType(schema: JsonObject): JsonType {
  const has = (...keywords: readonly string[]): boolean => keywords.some((keyword) => schema[keyword] !== undefined);
  if (has('properties', 'additionalProperties', 'required', 'minProperties', 'patternProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems', 'maxItems', 'contains')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

/** Whether the object looks like a JSON Schema of an answer, and not like an example of one. */
export function looksLikeSchema(value: JsonObject): boolean {
  if (typeof value['$schema'] === 'string' || isJsonObject(value['$defs'])) return true;
  const type = value['type'];
  if (type === 'object') return isJsonObject(value['properties']) || isJsonObject(value['additionalProperties']);
  if (type === 'array') return isJsonObject(value['items']) || Array.isArray(value['prefixItems']);
  return (Array.isArray(value['anyOf']) || Array.isArray(value['oneOf'])) && Object.keys(value).length <= 4;
}
