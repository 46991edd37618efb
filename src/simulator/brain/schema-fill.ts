import {
  type JsonObject,
  type JsonValue,
  arrayMember,
  canonicalJson,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
} from '../../core/json.ts';
import { findFacts } from './facts.ts';
import { type Field, type FillSource, type Filled, fieldOf } from './field.ts';
import { chooseMember, findBoolean, mentionedMembers } from './find-choice.ts';
import { findNumber } from './find-number.ts';
import { findString, listedStrings } from './find-string.ts';
import { type JsonType, resolveSchema, typesOf } from './schema-shape.ts';
import { sentencesOf, stemsOf } from './text.ts';

/** How often a schema may stand inside itself, where it need not. */
const MOST_NESTED = 2;
const DEEPEST = 16;
const LONGEST_LIST = 12;
/** What a schema may demand at the least: of a list or map, and in all. A model's answer has an end too. */
const MOST_DEMANDED = 100;
const MOST_VALUES = 10_000;

/**
 * Writes a value the schema accepts from what the text says. What the text does not say is left out where it may be, `null`
 * where it may be, and else the emptiest value of the right type. `if`, `not` and `contains` are not looked at, and a schema
 * that demands very much gets less.
 */
export function fillSchema(schema: JsonObject, source: FillSource): JsonValue {
  return new SchemaFiller(schema).fill(fieldOf('', schema), source, 0).value;
}

class SchemaFiller {
  readonly #root: JsonObject;
  /** The references being filled, outermost first. */
  readonly #open: string[] = [];
  #filled = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  fill(raw: Field, source: FillSource, depth: number): Filled<JsonValue> {
    this.#filled += 1;
    if (depth > DEEPEST || this.#filled > MOST_VALUES) return { value: null, found: false };
    const reference = stringMember(raw.schema, '$ref');
    if (reference === null)
      return this.#fillResolved({ ...raw, schema: resolveSchema(raw.schema, this.#root) }, source, depth);
    this.#open.push(reference);
    const filled = this.#fillResolved({ ...raw, schema: resolveSchema(raw.schema, this.#root) }, source, depth);
    this.#open.pop();
    return filled;
  }

  /** Whether filling this would go round in a circle. */
  #isCircular(schema: JsonValue | undefined): boolean {
    if (!isJsonObject(schema)) return false;
    const reference = stringMember(schema, '$ref');
    if (reference !== null) return this.#open.filter((open) => open === reference).length >= MOST_NESTED;
    return (
      this.#isCircular(schema['items']) ||
      [...arrayMember(schema, 'anyOf'), ...arrayMember(schema, 'oneOf')].some((branch) => this.#isCircular(branch))
    );
  }

  #fillResolved(field: Field, source: FillSource, depth: number): Filled<JsonValue> {
    const { schema } = field;
    if (schema['const'] !== undefined) return { value: schema['const'], found: false };
    if (Array.isArray(schema['enum'])) return chooseMember(schema['enum'] as readonly JsonValue[], field, source);
    const branches = [...arrayMember(schema, 'anyOf'), ...arrayMember(schema, 'oneOf')];
    if (branches.length > 0) return this.#fillBranch(branches, field, source, depth);
    const types = typesOf(schema);
    const filled = types.map((type) => this.#fillType(type, field, source, depth));
    const isNullable = types.includes('null');
    return (
      filled.find((candidate) => candidate.found) ??
      (isNullable ? { value: null, found: false } : (filled[0] ?? { value: null, found: false }))
    );
  }

  #fillType(type: JsonType, field: Field, source: FillSource, depth: number): Filled<JsonValue> {
    switch (type) {
      case 'object':
        return this.#fillObject(field, source, depth);
      case 'array':
        return this.#fillArray(field, source, depth);
      case 'integer':
      case 'number':
        return findNumber(field, source, type === 'integer');
      case 'boolean':
        return findBoolean(field, source);
      case 'string':
        return findString(field, source);
      default:
        return { value: null, found: false };
    }
  }

  /** The branch that finds most of what it asks for; the first that is not `null` when none finds anything. */
  #fillBranch(branches: readonly JsonValue[], field: Field, source: FillSource, depth: number): Filled<JsonValue> {
    const { anyOf: _anyOf, oneOf: _oneOf, ...beside } = field.schema;
    const straight = branches.filter((branch) => !this.#isCircular(branch));
    const filled = (straight.length > 0 ? straight : branches).map((branch) => {
      const schema = resolveSchema(branch, this.#root);
      const reference = isJsonObject(branch) ? stringMember(branch, '$ref') : null;
      const whole = Object.keys(beside).length === 0 ? branch : { allOf: [beside, branch] };
      if (reference !== null) this.#open.push(reference);
      const result = this.fill(
        { ...field, schema: isJsonObject(whole) ? resolveSchema(whole, this.#root) : {} },
        source,
        depth + 1,
      );
      if (reference !== null) this.#open.pop();
      const isNamedInText = stemsOf(constantWords(schema)).some((stem) => source.facts.stemmed.includes(` ${stem} `));
      return { result, weight: (result.found ? foundMembers(result.value) : 0) + (isNamedInText ? 100 : 0) };
    });
    const best = filled.toSorted((left, right) => right.weight - left.weight)[0];
    if (best !== undefined && best.weight > 0) return best.result;
    const nothing = filled.find((candidate) => candidate.result.value === null) ?? filled[0];
    return { value: nothing?.result.value ?? null, found: false };
  }

  #fillObject(field: Field, source: FillSource, depth: number): Filled<JsonValue> {
    const { schema } = field;
    const value: Record<string, JsonValue> = {};
    let found = false;
    const required = new Set(arrayMember(schema, 'required').filter((name) => typeof name === 'string'));
    const properties = objectMember(schema, 'properties') ?? {};
    const most = numberMember(schema, 'maxProperties') ?? Number.POSITIVE_INFINITY;
    for (const name of new Set([...Object.keys(properties), ...required])) {
      const isRequired = required.has(name);
      if (!isRequired && (this.#isCircular(properties[name]) || Object.keys(value).length >= most)) continue;
      const filled = this.fill(this.#member(name, properties[name], field), source, depth + 1);
      if (!isRequired && !filled.found) continue;
      value[name] = filled.value;
      found ||= filled.found;
    }
    const extra = this.#fillMap(field, source, depth, value);
    return { value, found: found || extra };
  }

  #member(name: string, schema: JsonValue | undefined, parent: Field): Field {
    const member = { ...fieldOf(name, resolveSchema(schema, this.#root)), schema: isJsonObject(schema) ? schema : {} };
    // `name` alone says little: the name of what, its parent tells.
    return ['name', 'value', 'id'].includes(name) ? { ...member, words: [...member.words, ...parent.words] } : member;
  }

  /** Members of a map (`additionalProperties: {…}`), from the labelled values of the text. */
  #fillMap(field: Field, source: FillSource, depth: number, value: Record<string, JsonValue>): boolean {
    const rule =
      field.schema['additionalProperties'] ?? Object.values(objectMember(field.schema, 'patternProperties') ?? {})[0];
    const least = Math.min(numberMember(field.schema, 'minProperties') ?? 0, MOST_DEMANDED);
    const isClosed = rule === false || field.schema['patternProperties'] !== undefined;
    let found = false;
    if (isJsonObject(rule) && !isClosed) {
      for (const fact of source.facts.labelled.slice(0, LONGEST_LIST)) {
        const filled = this.fill(
          fieldOf(fact.label, rule),
          { ...source, facts: findFacts(`${fact.label}: ${fact.text}`) },
          depth + 1,
        );
        if (!filled.found || Object.hasOwn(value, fact.label)) continue;
        value[fact.label] = filled.value;
        found = true;
      }
    }
    for (let index = 1; !isClosed && Object.keys(value).length < least; index++) {
      value[`item${index}`] = this.fill(fieldOf('', isJsonObject(rule) ? rule : {}), source, depth + 1).value;
    }
    return found;
  }

  #fillArray(field: Field, source: FillSource, depth: number): Filled<JsonValue> {
    const { schema } = field;
    const prefix = arrayMember(schema, 'prefixItems').map((item) =>
      this.fill({ ...field, schema: resolveSchema(item, this.#root) }, source, depth + 1),
    );
    const least = Math.min(numberMember(schema, 'minItems') ?? 0, MOST_DEMANDED);
    const most = Math.min(numberMember(schema, 'maxItems') ?? LONGEST_LIST, Math.max(LONGEST_LIST, least));
    const item = { ...field, schema: isJsonObject(schema['items']) ? schema['items'] : {} };
    const items =
      schema['items'] === false || this.#isCircular(item.schema) ? [] : this.#listItems(item, source, depth);
    const values = [...prefix.map((item) => item.value), ...items];
    const isUnique = schema['uniqueItems'] === true;
    const listed = (isUnique ? distinct(values) : values).slice(0, most);
    for (let spare = 1; listed.length < least && spare <= 4 * least; spare++) {
      const filler = this.fill(item, source, depth + 1).value;
      const value = isUnique ? varied(filler, spare, resolveSchema(item.schema, this.#root)) : filler;
      if (!isUnique || distinct([...listed, value]).length > listed.length) listed.push(value);
    }
    return { value: listed, found: items.length > 0 || prefix.some((item) => item.found) };
  }

  #listItems(item: Field, source: FillSource, depth: number): readonly JsonValue[] {
    const schema = resolveSchema(item.schema, this.#root);
    if (Array.isArray(schema['enum'])) return mentionedMembers(schema['enum'] as readonly JsonValue[], source.facts);
    const [type] = typesOf(schema);
    switch (type) {
      case 'string':
        return listedStrings(item, source).flatMap((text) => {
          const fitted = this.fill(
            { ...item, name: 'text', words: ['text'] },
            { ...source, facts: findFacts(text), prose: () => text },
            depth + 1,
          );
          return fitted.found ? [fitted.value] : [];
        });
      case 'number':
      case 'integer':
        return source.facts.numbers
          .filter((number) => type === 'number' || Number.isInteger(number.value))
          .map(
            (number) =>
              findNumber(
                { ...item, name: 'value', words: ['value'] },
                { ...source, facts: { ...findFacts(''), numbers: [number] } },
                type === 'integer',
              ).value,
          );
      case 'object':
        return this.#listObjects(item, source, depth);
      default:
        return [];
    }
  }

  /** One object for each part of the text that says most of what an object must have. */
  #listObjects(item: Field, source: FillSource, depth: number): readonly JsonValue[] {
    const schema = resolveSchema(item.schema, this.#root);
    const wanted =
      arrayMember(schema, 'required').length || Object.keys(objectMember(schema, 'properties') ?? {}).length;
    return segmentsOf(source.facts.text).flatMap((segment) => {
      const filled = this.fill(item, { ...source, facts: findFacts(segment), prose: () => segment }, depth + 2);
      const isWhole = filled.found && foundMembers(filled.value) * 2 > wanted;
      return isWhole ? [filled.value] : [];
    });
  }
}

function constantWords(schema: JsonObject): string {
  return Object.values(objectMember(schema, 'properties') ?? {})
    .map((property) => (isJsonObject(property) && typeof property['const'] === 'string' ? property['const'] : ''))
    .join(' ');
}

/** How many members of a value say something. */
function foundMembers(value: JsonValue): number {
  if (Array.isArray(value)) return value.length;
  if (!isJsonObject(value)) return value === null || value === '' ? 0 : 1;
  return Object.values(value).filter(
    (member) => member !== '' && member !== null && member !== 0 && member !== false && member !== undefined,
  ).length;
}

/** The parts of a text that may each be one entry of a list: lines, else clauses, else sentences. */
function segmentsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => /[\p{L}\p{N}]/u.test(line));
  if (lines.length > 1) return lines;
  const clauses = text
    .split(/[;]|,\s+and\s+|,\s+(?=\p{L}|\d)|\s+and\s+/u)
    .filter((clause) => /[\p{L}\p{N}]/u.test(clause));
  return clauses.length > 1 ? clauses : sentencesOf(text);
}

function distinct(values: readonly JsonValue[]): JsonValue[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

/** The value made different from its like, for lists that must not repeat. */
function varied(value: JsonValue, step: number, schema: JsonObject): JsonValue {
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly JsonValue[])[step - 1] ?? value;
  if (typeof value === 'number') return value + step;
  if (typeof value === 'string') return value === '' ? `item ${step}` : `${value} ${step}`;
  if (!isJsonObject(value)) return value;
  const [name] =
    Object.entries(value).find(([, member]) => typeof member === 'string' || typeof member === 'number') ?? [];
  return name === undefined ? value : { ...value, [name]: varied(value[name] ?? null, step, {}) };
}
