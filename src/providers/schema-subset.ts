import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { FittedSchema, SchemaChange } from '../core/model-limits.ts';

/** What of JSON Schema a vendor's structured output enforces. */
export interface SchemaSubset {
  /** Keywords that are sent as they stand. */
  readonly keeps: ReadonlySet<string>;
  /** Of those, what more they must be: a value that is not told in the description as other keywords are. */
  readonly keepsValue: (keyword: string, value: JsonValue) => boolean;
  /** Keywords that a description cannot tell, since the shape of the answer depends on them. */
  readonly refuses: ReadonlySet<string>;
  /** Keywords that are sent by another name, with whether that means the same. */
  readonly renames: Readonly<
    Record<string, { readonly to: string; readonly exact: boolean; readonly asList: boolean }>
  >;
  /** Whether every object must be closed; an object whose members are free can then not be told. */
  readonly closesObjects: boolean;
  readonly recursion: boolean;
  readonly maxOptionalProperties: number | null;
}

/** The schema in the vendor's words. What cannot be enforced in them is told in the description, as the vendors' own SDKs do. */
export function fitToSubset(schema: JsonObject, subset: SchemaSubset): FittedSchema {
  const fit = new SubsetFit(schema, subset);
  const fitted = fit.node(schema, '');
  if (!fit.isRefused && subset.maxOptionalProperties !== null && fit.optional > subset.maxOptionalProperties) {
    fit.refuse('.properties', fit.optional);
  }
  if (fit.isRefused) return { schema: null, changes: fit.refusals };
  return { schema: fit.isSame ? schema : fitted, changes: fit.changes };
}

const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const SCHEMAS: ReadonlySet<string> = new Set(['items', 'additionalProperties']);
/** What may stand beside a reference without narrowing it. */
const BESIDE_REFERENCE: ReadonlySet<string> = new Set([...MAPS, '$ref', 'title', 'description', '$schema']);

class SubsetFit {
  readonly changes: SchemaChange[] = [];
  readonly refusals: SchemaChange[] = [];
  optional = 0;
  isSame = true;
  readonly #root: JsonObject;
  readonly #subset: SchemaSubset;

  constructor(root: JsonObject, subset: SchemaSubset) {
    this.#root = root;
    this.#subset = subset;
  }

  get isRefused(): boolean {
    return this.refusals.length > 0;
  }

  refuse(path: string, asked: JsonValue): void {
    this.refusals.push({ path, asked, sent: null });
  }

  node(node: JsonObject, path: string): JsonObject {
    const sent: Record<string, JsonValue> = {};
    const told: string[] = [];
    this.#checkReference(node, path);
    for (const [keyword, value] of Object.entries(node)) {
      if (value === undefined) continue;
      const at = `${path}.${keyword}`;
      const rename = Object.hasOwn(this.#subset.renames, keyword) ? this.#subset.renames[keyword] : undefined;
      if (this.#subset.refuses.has(keyword)) this.refuse(at, value);
      else if (rename !== undefined) {
        this.isSame = false;
        sent[rename.to] = rename.asList ? [value] : this.#inner(keyword, value, at);
        if (!rename.exact) this.changes.push({ path: at, asked: value, sent: null });
      } else if (this.#subset.keeps.has(keyword) && this.#subset.keepsValue(keyword, value)) {
        sent[keyword] = this.#inner(keyword, value, at);
      } else {
        this.isSame = false;
        this.changes.push({ path: at, asked: value, sent: null });
        told.push(`${keyword}: ${JSON.stringify(value)}`);
      }
    }
    if (this.#subset.closesObjects) this.#close(node, sent, path);
    if (told.length > 0) this.#describe(node, sent, told, path);
    this.#countOptional(node);
    return sent;
  }

  #inner(keyword: string, value: JsonValue, path: string): JsonValue {
    if (MAPS.has(keyword) && isJsonObject(value)) {
      const members = Object.entries(value).map(([name, member]) => [
        name,
        this.#schema(member ?? null, `${path}.${name}`),
      ]);
      return Object.fromEntries(members) as JsonObject;
    }
    if (LISTS.has(keyword) && Array.isArray(value)) {
      return (value as readonly JsonValue[]).map((each, index) => this.#schema(each, `${path}[${index}]`));
    }
    return SCHEMAS.has(keyword) && typeof value !== 'boolean' ? this.#schema(value, path) : value;
  }

  #schema(value: JsonValue, path: string): JsonValue {
    if (isJsonObject(value)) return this.node(value, path);
    this.refuse(path, value);
    return value;
  }

  #checkReference(node: JsonObject, path: string): void {
    const reference = node['$ref'];
    if (reference === undefined) return;
    const isNarrowed = Object.keys(node).some((keyword) => !BESIDE_REFERENCE.has(keyword));
    const isForbidden = !this.#subset.recursion && reachesItself(this.#root, reference);
    if (isNarrowed || isForbidden || targetOf(this.#root, reference) === null) this.refuse(`${path}.$ref`, reference);
  }

  /** An object with named members is closed, which no answer of the original schema need break; one without is free. */
  #close(node: JsonObject, sent: Record<string, JsonValue>, path: string): void {
    const at = `${path}.additionalProperties`;
    const open = node['additionalProperties'];
    if (isJsonObject(open)) {
      this.refuse(at, open);
      return;
    }
    const isObject = node['type'] === 'object' || (Array.isArray(node['type']) && node['type'].includes('object'));
    if ((!isObject && node['properties'] === undefined) || open === false) return;
    if (node['properties'] === undefined) {
      this.refuse(at, open ?? null);
      return;
    }
    this.isSame = false;
    sent['additionalProperties'] = false;
    const before = this.changes.findIndex((change) => change.path === at);
    if (before >= 0) this.changes.splice(before, 1);
    this.changes.push({ path: at, asked: open ?? null, sent: false });
  }

  #describe(node: JsonObject, sent: Record<string, JsonValue>, told: readonly string[], path: string): void {
    const own = node['description'];
    const text = `{${told.join(', ')}}`;
    const description = typeof own === 'string' ? `${own}\n\n${text}` : text;
    sent['description'] = description;
    this.changes.push({ path: `${path}.description`, asked: own ?? null, sent: description });
  }

  #countOptional({ properties, required }: JsonObject): void {
    if (!isJsonObject(properties)) return;
    const names: readonly JsonValue[] = Array.isArray(required) ? required : [];
    this.optional += Object.keys(properties).filter((name) => !names.includes(name)).length;
  }
}

/** What a reference within the schema names; `null`: nothing, or something outside. */
function targetOf(root: JsonObject, reference: JsonValue): JsonValue {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return null;
  let target: JsonValue = root;
  for (const key of reference.split('/').slice(1)) {
    const name = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
    const next: JsonValue | undefined = isJsonObject(target) ? target[name] : undefined;
    if (next === undefined) return null;
    target = next;
  }
  return target;
}

/** Whether following the reference, and those in what it names, ever comes back to it. */
function reachesItself(root: JsonObject, reference: JsonValue): boolean {
  const seen = new Set<JsonValue>();
  const open: JsonValue[] = [targetOf(root, reference)];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) open.push(...(value as readonly JsonValue[]));
    if (!isJsonObject(value)) continue;
    const next = value['$ref'];
    if (next === reference) return true;
    if (next !== undefined && !seen.has(next)) {
      seen.add(next);
      open.push(targetOf(root, next));
    }
    open.push(...Object.values(value).filter((member) => member !== undefined));
  }
  return false;
}
