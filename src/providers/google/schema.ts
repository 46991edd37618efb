import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** Members of a schema whose values are maps of schemas, not schemas: a property may be called `const`. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
/** Members whose values are data, which only look like schemas. */
const DATA = new Set(['enum', 'default', 'examples', 'example']);

/** The schema with `enum` of one value for `const`, which the vendor passes over; the same meaning in a word it knows. */
export function withoutConst(schema: JsonObject): JsonObject {
  const written: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'const' && value !== undefined && schema['enum'] === undefined) written['enum'] = [value];
    else if (DATA.has(name)) written[name] = value;
    else if (MAPS.has(name) && isJsonObject(value)) {
      written[name] = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inside(entry)]));
    } else written[name] = inside(value);
  }
  return written;
}

function inside(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((entry) => inside(entry) ?? null);
  return isJsonObject(value) ? withoutConst(value) : value;
}
