import { isDeepStrictEqual } from 'node:util';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';

/** Every value in the JSON that holds no other, with its path (`messages[0].content`); empty objects and arrays too. */
export function leavesOf(value: JsonValue, path = ''): ReadonlyMap<string, JsonValue> {
  const leaves = new Map<string, JsonValue>();
  const visit = (node: JsonValue, at: string): void => {
    const children: readonly (readonly [string, JsonValue])[] = Array.isArray(node)
      ? (node as readonly JsonValue[]).map((child, index) => [`${at}[${index}]`, child] as const)
      : typeof node === 'object' && node !== null
        ? Object.entries(node as JsonObject).map(
            ([key, child]) => [at === '' ? key : `${at}.${key}`, child as JsonValue] as const,
          )
        : [];
    if (children.length === 0) leaves.set(at, node);
    for (const [childPath, child] of children) visit(child, childPath);
  };
  visit(value, path);
  return leaves;
}

/** The value at a path as `leavesOf` writes it; `undefined` when there is none. */
export function valueAt(value: JsonValue, path: string): JsonValue | undefined {
  let node: JsonValue | undefined = value;
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Readonly<Record<string, JsonValue | undefined>>)[step];
  }
  return node;
}

/** Whether the path is the other one or lies inside it. */
export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** Whether two JSON values are equal. */
export function isSameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  return isDeepStrictEqual(left, right);
}
