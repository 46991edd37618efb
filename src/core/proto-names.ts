import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/**
 * Members of JSON that a protocol buffer is written in: each may be spelled `maxTokens` or `max_tokens`
 * (protobuf.dev, ProtoJSON). Names and paths are given here in the first spelling.
 */

/** The name as the object spells it; in the first spelling where it has neither. */
export function protoKey(object: JsonObject, name: string): string {
  if (Object.hasOwn(object, name)) return name;
  const snake = snakeName(name);
  return Object.hasOwn(object, snake) ? snake : name;
}

/** The member, in whichever spelling it stands there. */
export function protoMember(object: JsonObject, name: string): JsonValue | undefined {
  return object[protoKey(object, name)];
}

/** A dotted path as the object spells its steps. */
export function protoPath(object: JsonObject, path: string): string {
  let holder: JsonValue | undefined = object;
  return path
    .split('.')
    .map((name) => {
      const key: string = isJsonObject(holder) ? protoKey(holder, name) : name;
      holder = isJsonObject(holder) ? holder[key] : undefined;
      return key;
    })
    .join('.');
}

/** `max_tokens` in the first spelling. */
export function camelName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `maxTokens` in the second spelling. */
export function snakeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
