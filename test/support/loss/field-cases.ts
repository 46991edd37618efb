import type { JsonObject, JsonValue } from '../../../src/core/json.ts';

/** A sound request with one published field in it. */
export interface FieldCase {
  readonly body: JsonObject;
  /** Where the field stands in it. */
  readonly path: string;
}

/** How one field is put into the base where its path and a text do not do. */
export interface FieldOverride {
  /** In which of the base's elements. */
  readonly at?: string;
  readonly value?: JsonValue;
}

const SENTINEL = '¤0¤';

/**
 * A request with the field in it: at its path, in the first element of each list that has its parent, or in
 * a new one.
 */
export function fieldCase(base: JsonObject, field: string, { at, value }: FieldOverride = {}): FieldCase {
  const body = structuredClone(base) as Record<string, JsonValue>;
  const steps = (at ?? field.replace('…', '')).split(/\.|(?=\[)/).filter((step) => step !== '');
  const last = steps.at(-1) ?? '';
  let node: Record<string, JsonValue> = body;
  let path = '';
  steps.slice(0, -1).forEach((step, index) => {
    const next = steps[index + 1] ?? '';
    const key = step.startsWith('[') ? elementOf(node, step, next) : step;
    path += step.startsWith('[') ? `[${key}]` : `${path === '' ? '' : '.'}${key}`;
    node[key] ??= next.startsWith('[') ? [] : {};
    node = node[key] as Record<string, JsonValue>;
  });
  const key = last === '[]' ? '0' : last.replaceAll(/[[\]]/g, '');
  node[key] = value ?? (field.endsWith('…') ? { sentinel: SENTINEL } : SENTINEL);
  return { body, path: path + (last.startsWith('[') ? `[${key}]` : `${path === '' ? '' : '.'}${key}`) };
}

/** The position in a list: the one that is named, the first whose element has the next step, or the first. */
function elementOf(list: Record<string, JsonValue>, step: string, next: string): string {
  if (step !== '[]') return step.slice(1, -1);
  const elements = list as unknown as readonly JsonObject[];
  const found = elements.findIndex((element) => element[next] !== undefined);
  return String(Math.max(found, 0));
}
