import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Bound, Counts, SchemaOutline, ValueKind } from './schema-outline.ts';

const KINDS_OF_TYPE: ReadonlyMap<JsonValue, readonly ValueKind[]> = new Map<JsonValue, readonly ValueKind[]>([
  ['object', ['object']],
  ['array', ['array']],
  ['string', ['string']],
  ['number', ['number']],
  ['integer', ['number']],
  ['boolean', ['true', 'false']],
  ['null', ['null']],
]);

/** The outline of a schema that nothing is accepted by. */
const NOTHING: SchemaOutline = { ...emptyOutline(), kinds: new Set<ValueKind>() };

type OpenOutline = { -readonly [Member in keyof SchemaOutline]: SchemaOutline[Member] };

/** The outline of a schema that Ajv has compiled, as draft 2020-12 or as draft-07. */
export function readOutline(schema: JsonObject, is2020: boolean): SchemaOutline {
  return new OutlineReader(schema, is2020).readObject(schema);
}

/** Reads one schema with all schemas inside it; those that refer to themselves become outlines that do. */
class OutlineReader {
  readonly #root: JsonObject;
  readonly #is2020: boolean;
  /** An `$id` inside a schema changes what the references below it mean: they then tell nothing. */
  readonly #followsReferences: boolean;
  readonly #known = new Map<JsonObject, SchemaOutline>();

  constructor(root: JsonObject, is2020: boolean) {
    this.#root = root;
    this.#is2020 = is2020;
    this.#followsReferences = !holdsInnerId(root);
  }

  read(schema: JsonValue | undefined): SchemaOutline | null {
    if (schema === false) return NOTHING;
    return isJsonObject(schema) ? this.readObject(schema) : null;
  }

  readObject(schema: JsonObject): SchemaOutline {
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    const outline = emptyOutline();
    this.#known.set(schema, outline);
    readValues(schema, outline);
    readCounts(schema, outline);
    this.#readMembers(schema, outline);
    this.#readItems(schema, outline);
    this.#readCombinations(schema, outline);
    return outline;
  }

  #readMembers(schema: JsonObject, outline: OpenOutline): void {
    const { properties, patternProperties, required } = schema;
    const named = isJsonObject(properties) ? Object.entries(properties) : [];
    outline.properties = new Map(named.map(([name, each]) => [name, this.read(each)]));
    // Ajv does not miss a member without a name.
    outline.required = strings(required).filter((name) => isTellable(name) && name !== '');
    if (patternProperties !== undefined) return;
    outline.otherMembers = this.read(schema['additionalProperties']);
    if (outline.otherMembers !== NOTHING) return;
    outline.otherMembers = null;
    const names = named.map(([name]) => name);
    outline.onlyNames = names.every(isTellable) ? names.sort() : null;
  }

  #readItems(schema: JsonObject, outline: OpenOutline): void {
    const { items, prefixItems, additionalItems } = schema;
    const isTuple = !this.#is2020 && Array.isArray(items);
    const first = this.#is2020 ? prefixItems : items;
    outline.firstItems = Array.isArray(first) ? (first as readonly JsonValue[]).map((each) => this.read(each)) : [];
    outline.otherItems = this.read(isTuple ? additionalItems : items);
  }

  #readCombinations(schema: JsonObject, outline: OpenOutline): void {
    const all = [...this.#list(schema['allOf']), this.#referred(schema['$ref'])];
    outline.all = all.filter((each) => each !== null);
    outline.groups = [schema['anyOf'], schema['oneOf']].flatMap((group) => {
      const alternatives = this.#list(group);
      const tellable = alternatives.filter((each) => each !== null);
      return tellable.length > 0 && tellable.length === alternatives.length ? [tellable] : [];
    });
  }

  #list(schemas: JsonValue | undefined): readonly (SchemaOutline | null)[] {
    return Array.isArray(schemas) ? (schemas as readonly JsonValue[]).map((each) => this.read(each)) : [];
  }

  /** What a reference within the schema names. */
  #referred(reference: JsonValue | undefined): SchemaOutline | null {
    if (typeof reference !== 'string' || !this.#followsReferences) return null;
    if (reference !== '#' && !/^#\/./.test(reference)) return null;
    let found: JsonValue | undefined = this.#root;
    for (const step of reference.split('/').slice(1)) {
      const name = pointerStep(step);
      if (name === null || typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return null;
      found = (found as JsonObject)[name];
    }
    return this.read(found);
  }
}

function emptyOutline(): OpenOutline {
  const any: Counts = { least: 0, most: Infinity };
  return {
    kinds: null,
    strings: null,
    numbers: null,
    isInteger: false,
    lowest: [],
    highest: [],
    length: any,
    items: any,
    members: any,
    required: [],
    properties: new Map(),
    otherMembers: null,
    onlyNames: null,
    firstItems: [],
    otherItems: null,
    all: [],
    groups: [],
  };
}

function readValues(schema: JsonObject, outline: OpenOutline): void {
  const { type, nullable } = schema;
  const types = Array.isArray(type) ? (type as readonly JsonValue[]) : type === undefined ? [] : [type];
  if (types.length > 0) {
    const allowed = types.flatMap((each) => KINDS_OF_TYPE.get(each) ?? []);
    outline.kinds = new Set(nullable === true ? [...allowed, 'null'] : allowed);
    outline.isInteger = types.includes('integer') && !types.includes('number');
  }
  if (Array.isArray(schema['enum'])) allowOnly(schema['enum'] as readonly JsonValue[], outline);
  if (Object.hasOwn(schema, 'const')) allowOnly([schema['const'] ?? null], outline);
}

/** Of objects and arrays it is not told whether they are among the values: only whether any such is. */
function allowOnly(values: readonly JsonValue[], outline: OpenOutline): void {
  const { kinds, strings: known, numbers } = outline;
  outline.kinds = new Set(values.map(kindOf).filter((kind) => kinds === null || kinds.has(kind)));
  const words = values.filter((value) => typeof value === 'string');
  outline.strings = [...new Set(words)].filter((word) => known === null || known.includes(word)).sort();
  const figures = values.filter((value) => typeof value === 'number');
  outline.numbers = new Set(figures.filter((figure) => numbers === null || numbers.has(figure)));
}

function kindOf(value: JsonValue): ValueKind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : 'object';
  return typeof value as 'string' | 'number';
}

function readCounts(schema: JsonObject, outline: OpenOutline): void {
  outline.lowest = [...bounds(schema['minimum'], false), ...bounds(schema['exclusiveMinimum'], true)];
  outline.highest = [...bounds(schema['maximum'], false), ...bounds(schema['exclusiveMaximum'], true)];
  outline.length = counts(schema['minLength'], schema['maxLength']);
  outline.items = counts(schema['minItems'], schema['maxItems']);
  outline.members = counts(schema['minProperties'], schema['maxProperties']);
}

function bounds(value: JsonValue | undefined, isOpen: boolean): readonly Bound[] {
  return typeof value === 'number' ? [{ value, isOpen }] : [];
}

function counts(least: JsonValue | undefined, most: JsonValue | undefined): Counts {
  return { least: typeof least === 'number' ? least : 0, most: typeof most === 'number' ? most : Infinity };
}

function strings(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter((each) => typeof each === 'string') : [];
}

/** Ajv passes over a member of this name in schemas, and only sometimes. */
function isTellable(name: string): boolean {
  return name !== '__proto__';
}

function pointerStep(step: string): string | null {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}

function holdsInnerId(root: JsonObject): boolean {
  const waiting: JsonValue[] = Object.values(root) as JsonValue[];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    if (Object.hasOwn(node, '$id')) return true;
    waiting.push(...(Object.values(node) as JsonValue[]));
  }
  return false;
}
