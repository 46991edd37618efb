import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { FittedSchema } from '../../core/model-limits.ts';
import { fitToSubset, type SchemaSubset } from '../schema-subset.ts';

const STRING_FORMATS: ReadonlySet<JsonValue> = new Set<JsonValue>(['date-time', 'date', 'time']);

/** What `responseJsonSchema` enforces (Gemini API reference, read 2026-11); the vendor passes over other keywords. */
const SUBSET: SchemaSubset = {
  keeps: new Set([
    'type',
    'properties',
    'required',
    'additionalProperties',
    'items',
    'prefixItems',
    'minItems',
    'maxItems',
    'enum',
    'anyOf',
    '$ref',
    '$defs',
    'definitions',
    '$id',
    '$anchor',
    'format',
    'minimum',
    'maximum',
    'title',
    'description',
    'default',
    '$schema',
    'propertyOrdering',
  ]),
  keepsValue: (keyword, value) => keyword !== 'format' || STRING_FORMATS.has(value),
  refuses: new Set(['allOf', 'not', 'if', 'then', 'else', 'patternProperties', 'dependentSchemas', '$dynamicRef']),
  renames: {
    const: { to: 'enum', exact: true, asList: true },
    oneOf: { to: 'anyOf', exact: false, asList: false },
  },
  closesObjects: false,
  recursion: true,
  maxOptionalProperties: null,
};

/** The schema as `responseJsonSchema` takes it. */
export function fitGeminiSchema(schema: JsonObject): FittedSchema {
  return fitToSubset(schema, SUBSET);
}

/** What `responseSchema` has: a subset of OpenAPI's schemas, without references and open or closed objects. */
const OPEN_API_SUBSET: SchemaSubset = {
  ...SUBSET,
  keeps: new Set(
    [...SUBSET.keeps].filter((keyword) => !/^\$|^(?:definitions|additionalProperties|prefixItems)$/.test(keyword)),
  ),
  refuses: new Set([...SUBSET.refuses, '$ref', 'prefixItems']),
};

/** The schema as `responseSchema` takes it, which Gemini 2.0 has alone: `null` among the types is said as `nullable`. */
export function fitOpenApiSchema(schema: JsonObject): FittedSchema {
  const { schema: fitted, changes } = fitToSubset(schema, OPEN_API_SUBSET);
  return { schema: fitted === null ? null : (withNullable(fitted) as JsonObject), changes };
}

/** Keywords whose values are no schemas. */
const VALUES: ReadonlySet<string> = new Set(['enum', 'default', 'required']);

function withNullable(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(withNullable);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [
    key,
    VALUES.has(key) ? member : withNullable(member ?? null),
  ]);
  const copy = Object.fromEntries(members) as Record<string, JsonValue>;
  const types = copy['type'];
  if (!Array.isArray(types) || !types.includes('null')) return copy;
  const others = (types as readonly JsonValue[]).filter((type) => type !== 'null');
  return others.length === 1 ? { ...copy, type: others[0] as JsonValue, nullable: true } : copy;
}
