import { type JsonObject, type JsonValue, arrayMember, isJsonObject, objectMember } from '../../core/json.ts';

const DEEPEST = 32;

/** What OpenAI's `strict` objects to in a schema, in its words; `null`: nothing. Every object must be closed and require all its members. */
export function strictnessProblem(schema: JsonObject, context = '()', depth = 0): string | null {
  if (depth > DEEPEST) return null;
  const properties = objectMember(schema, 'properties');
  if (schema['type'] === 'object' || properties !== null) {
    if (schema['additionalProperties'] !== false)
      return `In context=${context}, 'additionalProperties' is required to be supplied and to be false.`;
    const required = arrayMember(schema, 'required');
    const missing = Object.keys(properties ?? {}).find((name) => !required.includes(name));
    if (missing !== undefined)
      return `In context=${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  }
  for (const [context_, part] of partsOf(schema)) {
    const problem = strictnessProblem(part, `('${context_}')`, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

/** What Anthropic's structured output objects to in a schema; `null`: nothing. Every object must be closed. */
export function closedProblem(schema: JsonObject, depth = 0): string | null {
  if (depth > DEEPEST) return null;
  const isObject = schema['type'] === 'object' || objectMember(schema, 'properties') !== null;
  if (isObject && schema['additionalProperties'] !== false)
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  for (const [, part] of partsOf(schema)) {
    const problem = closedProblem(part, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function partsOf(schema: JsonObject): readonly (readonly [string, JsonObject])[] {
  const named = ['properties', '$defs', 'definitions'].flatMap((keyword) =>
    Object.entries(objectMember(schema, keyword) ?? {}).map(
      ([name, part]) => [`${keyword}', '${name}`, part ?? null] as const,
    ),
  );
  const listed = ['anyOf', 'prefixItems'].flatMap((keyword) =>
    arrayMember(schema, keyword).map((part, index) => [`${keyword}', '${index}`, part] as const),
  );
  const all: readonly (readonly [string, JsonValue])[] = [...named, ...listed, ['items', schema['items'] ?? null]];
  return all.flatMap(([name, part]) => (isJsonObject(part) ? [[name, part] as const] : []));
}
