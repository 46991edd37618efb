import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { camelName } from '../../core/proto-names.ts';

/** Bounds that this form writes as texts, being 64-bit numbers of a protocol buffer. */
const COUNTS = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

/**
 * The vendor's older form of schema (a subset of OpenAPI 3.0: `STRING`, `nullable`, `propertyOrdering`) as
 * JSON Schema of the same meaning. What is not of that form is left as it stands.
 */
export function fromOpenApiSchema(schema: JsonObject): JsonObject {
  const written: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined || value === null) continue;
    const name = camelName(key);
    const converted = convert(name, value, schema);
    if (name === 'example') written['examples'] = [value];
    else if (converted !== undefined) written[name] = converted;
  }
  return schema['nullable'] === true ? withNull(written) : written;
}

function convert(name: string, value: JsonValue, schema: JsonObject): JsonValue | undefined {
  switch (name) {
    case 'type':
      return typeof value === 'string' ? typeName(value) : value;
    case 'nullable':
    case 'propertyOrdering':
    case 'property_ordering':
      return undefined;
    case 'format':
      // What `enum` says already.
      return value === 'enum' && schema['enum'] !== undefined ? undefined : value;
    case 'properties':
      return isJsonObject(value) ? properties(value, schema) : value;
    case 'items':
      return isJsonObject(value) ? fromOpenApiSchema(value) : value;
    case 'anyOf':
      return Array.isArray(value)
        ? (value as readonly JsonValue[]).map((entry) => (isJsonObject(entry) ? fromOpenApiSchema(entry) : entry))
        : value;
    default:
      return COUNTS.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }
}

/** The type that says nothing is no type. */
function typeName(type: string): string | undefined {
  return type === 'TYPE_UNSPECIFIED' ? undefined : type.toLowerCase();
}

/** In the order that was asked for, which in JSON Schema is the order they are written in. */
function properties(value: JsonObject, schema: JsonObject): JsonObject {
  const ordering = schema['propertyOrdering'] ?? schema['property_ordering'];
  const first = Array.isArray(ordering)
    ? (ordering as readonly JsonValue[]).filter((name) => typeof name === 'string')
    : [];
  const names = [...new Set([...first.filter((name) => Object.hasOwn(value, name)), ...Object.keys(value)])];
  return Object.fromEntries(
    names.map((name) => {
      const entry = value[name];
      return [name, isJsonObject(entry) ? fromOpenApiSchema(entry) : entry];
    }),
  );
}

function withNull(schema: Record<string, JsonValue>): JsonObject {
  const { type } = schema;
  const values = schema['enum'];
  return {
    ...schema,
    ...(typeof type === 'string' ? { type: [type, 'null'] } : {}),
    ...(Array.isArray(schema['anyOf'])
      ? { anyOf: [...(schema['anyOf'] as readonly JsonValue[]), { type: 'null' }] }
      : {}),
    ...(Array.isArray(values) ? { enum: [...(values as readonly JsonValue[]), null] } : {}),
  };
}
