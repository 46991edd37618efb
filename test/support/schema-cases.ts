import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Random } from '../../src/simulator/random.ts';

const NAMES = ['a', 'ab', 'abc', 'b', 'é', 'constructor', '__proto__', 'x"y', ''];
const STRINGS = ['', 'a', 'ab', 'abc', 'b', 'yes', '😀a', 'two\nlines', 'a (b', 'x, "y', '12', 'null', 'it’s'];
const NUMBERS = [0, 1, -1, 2, 3, 1.5, 10, 12, 100, -0, 1e21, 0.1];
const DEPTH = 3;

/** A schema of the keywords that are told early, and of some that are not. */
export function randomSchema(random: Random): JsonObject {
  const is2020 = chance(random, 0.5);
  const definitions = is2020 ? '$defs' : 'definitions';
  const build = new SchemaBuilder(random, is2020, definitions);
  const schema = build.object(DEPTH);
  const defined = { one: build.object(DEPTH - 1), 'a/b': build.object(DEPTH - 1) };
  return {
    ...(is2020 ? { $schema: 'https://json-schema.org/draft/2020-12/schema' } : {}),
    ...schema,
    [definitions]: defined,
  };
}

class SchemaBuilder {
  readonly #random: Random;
  readonly #is2020: boolean;
  readonly #definitions: string;

  constructor(random: Random, is2020: boolean, definitions: string) {
    this.#random = random;
    this.#is2020 = is2020;
    this.#definitions = definitions;
  }

  /** Any schema, booleans among them. */
  any(depth: number): JsonValue {
    const draw = this.#random.next();
    if (draw < 0.04) return false;
    if (draw < 0.1) return true;
    if (draw < 0.2) return { $ref: this.#reference() };
    return this.object(depth);
  }

  object(depth: number): JsonObject {
    const random = this.#random;
    const draw = random.next();
    if (depth <= 0 || draw < 0.3) return this.#scalar();
    const kind = draw < 0.7 ? this.#ofObject(depth) : draw < 0.9 ? this.#ofArray(depth) : {};
    const combination = random.next();
    if (combination < 0.6) return kind;
    const some = [this.any(depth - 1), this.any(depth - 1), ...(chance(random, 0.5) ? [this.any(depth - 1)] : [])];
    if (combination < 0.9) return { ...kind, [random.pick(['anyOf', 'oneOf', 'allOf'])]: some };
    if (combination < 0.95) return { ...kind, not: this.any(depth - 1) };
    return { ...kind, if: this.any(depth - 1), then: this.any(depth - 1) };
  }

  #scalar(): JsonObject {
    const random = this.#random;
    const draw = random.next();
    if (draw < 0.2) return { enum: unique([1, 2, 3].map(() => random.pick([...STRINGS, ...NUMBERS, true, null, []]))) };
    if (draw < 0.3) return { const: random.pick([...STRINGS, ...NUMBERS, false, null]) };
    if (draw < 0.55) return { type: 'string', ...some(random, { minLength: 1, maxLength: 2, pattern: '^a' }) };
    if (draw < 0.75) {
      const type = random.pick(['number', 'integer', ['integer', 'null']]);
      return {
        type,
        ...some(random, { minimum: 1, maximum: 10, exclusiveMinimum: 0, exclusiveMaximum: 12, multipleOf: 2 }),
      };
    }
    if (draw < 0.85) return { type: random.pick(['boolean', 'null', ['string', 'boolean'], ['object', 'null']]) };
    return { type: 'string', nullable: true };
  }

  #ofObject(depth: number): JsonObject {
    const random = this.#random;
    const names = NAMES.filter(() => chance(random, 0.3));
    const others = random.pick([{}, { additionalProperties: false }, { additionalProperties: this.any(depth - 1) }]);
    const rare = { minProperties: 1, maxProperties: 2, patternProperties: { '^b': this.any(depth - 1) } };
    return {
      ...(chance(random, 0.8) ? { type: 'object' } : {}),
      properties: Object.fromEntries(names.map((name) => [name, this.any(depth - 1)])),
      required: names.filter(() => chance(random, 0.5)),
      ...others,
      ...some(random, rare, 0.15),
      ...(chance(random, 0.05) ? { $ref: this.#reference() } : {}),
    };
  }

  #ofArray(depth: number): JsonObject {
    const random = this.#random;
    const list = [this.any(depth - 1), this.any(depth - 1)];
    const tuple = this.#is2020
      ? { prefixItems: list, items: this.any(depth - 1) }
      : { items: list, additionalItems: this.any(depth - 1) };
    return {
      ...(chance(random, 0.8) ? { type: 'array' } : {}),
      ...random.pick<JsonObject>([{ items: this.any(depth - 1) }, tuple, {}]),
      ...some(random, { minItems: 1, maxItems: 2, uniqueItems: true }),
    };
  }

  #reference(): string {
    return this.#random.pick(['#', `#/${this.#definitions}/one`, `#/${this.#definitions}/a~1b`]);
  }
}

/** A value that the schema accepts, as far as a simple guess goes. */
export function guessedValue(schema: JsonValue | undefined, root: JsonObject, random: Random, depth = 6): JsonValue {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || depth === 0)
    return randomValue(random, 1);
  const given = schema as JsonObject;
  if (Array.isArray(given['enum'])) return random.pick(given['enum'] as readonly JsonValue[]);
  if ('const' in given) return given['const'] ?? null;
  const reference = given['$ref'];
  if (typeof reference === 'string') return guessedValue(referred(reference, root), root, random, depth - 1);
  const alternatives = (given['anyOf'] ?? given['oneOf'] ?? given['allOf']) as readonly JsonValue[] | undefined;
  if (alternatives !== undefined && given['type'] === undefined)
    return guessedValue(random.pick(alternatives), root, random, depth - 1);
  const type = Array.isArray(given['type']) ? random.pick(given['type'] as readonly JsonValue[]) : given['type'];
  switch (type) {
    case 'object':
      return guessedObject(given, root, random, depth);
    case 'array': {
      const { items, prefixItems } = given;
      const first = (Array.isArray(items) ? items : (prefixItems ?? [])) as readonly JsonValue[];
      return [0, 1, 2]
        .slice(0, random.pick([1, 1, 2, 3]))
        .map((index) => guessedValue(first[index] ?? items, root, random, depth - 1));
    }
    case 'string':
      return random.pick(['a', 'ab', ...STRINGS]);
    case 'number':
    case 'integer':
      return random.pick([2, 4, ...NUMBERS]);
    case 'boolean':
      return chance(random, 0.5);
    case 'null':
      return null;
    default:
      return randomValue(random, 2);
  }
}

function guessedObject(schema: JsonObject, root: JsonObject, random: Random, depth: number): JsonObject {
  const properties = (schema['properties'] ?? {}) as JsonObject;
  const required = (schema['required'] ?? []) as readonly string[];
  const named = Object.keys(properties).filter((name) => required.includes(name) || chance(random, 0.4));
  const added = schema['additionalProperties'] === false || chance(random, 0.7) ? [] : [random.pick(NAMES)];
  return Object.fromEntries(
    unique([...named, ...added]).map((name) => [
      name as string,
      guessedValue(
        Object.hasOwn(properties, name as string) ? properties[name as string] : schema['additionalProperties'],
        root,
        random,
        depth - 1,
      ),
    ]),
  );
}

function referred(reference: string, root: JsonObject): JsonValue | undefined {
  if (reference === '#') return root;
  const defined = (root['$defs'] ?? root['definitions']) as JsonObject;
  return defined[reference.endsWith('one') ? 'one' : 'a/b'];
}

/** Any value at all. */
export function randomValue(random: Random, depth: number): JsonValue {
  const draw = random.next();
  if (depth <= 0 || draw < 0.5) return random.pick<JsonValue>([...STRINGS, ...NUMBERS, true, false, null]);
  const size = random.pick([0, 1, 2, 3]);
  const inside = [0, 1, 2].slice(0, size).map(() => randomValue(random, depth - 1));
  if (draw < 0.7) return inside;
  return Object.fromEntries(inside.map((value) => [random.pick(NAMES), value]));
}

/** The value as text, in one of the ways that JSON can be written. */
export function written(value: JsonValue, random: Random): string {
  const text = JSON.stringify(value, null, random.pick([0, 0, 1, 2]));
  return chance(random, 0.1) ? text.replaceAll('a', '\\u0061').replaceAll('/', '\\/') : text;
}

const PIECES = [
  '"',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  '1',
  'e5',
  '.0',
  'true',
  'null',
  '\\',
  ' ',
  '\n',
  "'",
  '//',
  '"a"',
  '"a":1,',
  ' "b"',
  '(',
  '+',
  'x',
  '…',
  '```',
  '</think>',
];

/** The text with something done to it: cut, doubled, replaced or grown, or with prose around it. */
export function mutated(text: string, random: Random): string {
  const at = Math.floor(random.next() * (text.length + 1));
  const end = Math.min(text.length, at + Math.floor(random.next() * 6));
  switch (random.pick(['cut', 'grow', 'replace', 'double', 'end', 'prose', 'fence', 'comma'] as const)) {
    case 'cut':
      return text.slice(0, at) + text.slice(end);
    case 'grow':
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    case 'replace':
      return text.slice(0, at) + random.pick(PIECES) + text.slice(end);
    case 'double':
      return text.slice(0, end) + text.slice(at);
    case 'end':
      return text.slice(0, at);
    case 'prose':
      return (
        random.pick(['Here: ', '"Sure" ', '[sic] ', '[true] ', '{x} ', '5 ', '']) +
        text +
        random.pick(['', ' Done.', ' {y}', ' [1]'])
      );
    case 'fence':
      return `\`\`\`json\n${text}\n\`\`\``;
    case 'comma':
      return text.replace(/([}\]])/, ',$1');
  }
}

/** The text in pieces, of which some may be empty. */
export function cut(text: string, random: Random): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = random.pick([0, 1, 1, 2, 3, 5, 8, 20]);
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return pieces;
}

function chance(random: Random, share: number): boolean {
  return random.next() < share;
}

function some(random: Random, members: JsonObject, share = 0.3): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(() => chance(random, share)));
}

function unique(values: readonly JsonValue[]): readonly JsonValue[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
