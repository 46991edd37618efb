import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { BuiltWord } from '../grammar.ts';
import type { Choices, Words } from '../read.ts';

/** A map with exactly the words of a list: a word without its schema, or a schema without its word, does not compile. */
export function wordMap<List extends Words>(
  words: List,
  fields: Readonly<Record<BuiltWord<List>, JsonObject>>,
  required: readonly BuiltWord<List>[] = [],
): JsonObject {
  const properties = Object.fromEntries(words.built.map((word) => [word, fields[word as BuiltWord<List>]]));
  const shape = { type: 'object', properties, additionalProperties: false };
  return required.length === 0 ? shape : { ...shape, required: [...required] };
}

/** A map from names of the operator's to members of one kind. */
export function nameMap(what: string, member: JsonObject): JsonObject {
  return { type: 'object', propertyNames: { $ref: '#/$defs/name' }, additionalProperties: member, description: what };
}

/** One of the words. */
export function choice(description: string, { built }: Choices<string>, defaultWord?: string): JsonObject {
  const shape = { enum: [...built], description };
  return defaultWord === undefined ? shape : { ...shape, default: defaultWord };
}

export function text(description: string, ...examples: readonly string[]): JsonObject {
  return withExamples({ type: 'string', pattern: '\\S', description }, examples);
}

export function flag(description: string): JsonObject {
  return { type: 'boolean', description, default: false };
}

export function duration(description: string, defaultText?: string): JsonObject {
  const shape = { $ref: '#/$defs/duration', description };
  return defaultText === undefined ? shape : { ...shape, default: defaultText };
}

/** A definition of the schema, with what it is here. */
export function shared(name: string, description: string): JsonObject {
  return { $ref: `#/$defs/${name}`, description };
}

/** A list with at least one entry. */
export function list(description: string, items: JsonObject): JsonObject {
  return { type: 'array', items, minItems: 1, description };
}

export function withExamples(schema: JsonObject, examples: readonly JsonValue[]): JsonObject {
  return examples.length === 0 ? schema : { ...schema, examples };
}
