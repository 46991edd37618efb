import { canonicalJson, isJsonObject, type JsonValue } from '../../core/json.ts';
import type { ConfigChange } from '../../core/reload.ts';
import type { Configuration } from '../../core/route.ts';
import { Secret } from '../../core/secret.ts';
import { configurationTree, type TreeMap, type TreeValue } from './configuration-tree.ts';

/**
 * What the second configuration decides differently, defaults included: layout, comments and the order
 * of names are no difference. Of a secret it says only that it is another one.
 */
export function configurationDiff(from: Configuration, to: Configuration): readonly ConfigChange[] {
  return changes('', configurationTree(from), configurationTree(to));
}

/** `undefined`: there is none. */
function changes(path: string, from: TreeValue | undefined, to: TreeValue | undefined): readonly ConfigChange[] {
  if (from === undefined || to === undefined) return oneSided(path, from, to);
  if (isMap(from) && isMap(to)) {
    const words = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...words].flatMap((word) => changes(path === '' ? word : `${path}.${word}`, from[word], to[word]));
  }
  if (isList(from) && isList(to) && from.length === to.length && from.some(isMap)) {
    return from.flatMap((item, index) => changes(`${path}[${index}]`, item, to[index]));
  }
  return isSame(from, to) ? [] : [{ path, change: 'changed', from: told(from), to: told(to) }];
}

function oneSided(path: string, from: TreeValue | undefined, to: TreeValue | undefined): readonly ConfigChange[] {
  if (to !== undefined) return [{ path, change: 'added', from: null, to: told(to) }];
  return from === undefined ? [] : [{ path, change: 'removed', from: told(from), to: null }];
}

function isSame(from: TreeValue, to: TreeValue): boolean {
  return canonicalJson(compared(from)) === canonicalJson(compared(to));
}

/** The value with secrets as they are, for comparison alone. */
function compared(value: TreeValue): JsonValue {
  return plain(value, (secret) => secret.reveal());
}

/** The value as it may be told. */
function told(value: TreeValue): JsonValue {
  return plain(value, () => '[secret]');
}

function plain(value: TreeValue, ofSecret: (secret: Secret) => string): JsonValue {
  if (value instanceof Secret) return ofSecret(value);
  if (isList(value)) return value.map((item) => plain(item, ofSecret));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([word, member]) => (member === undefined ? [] : [[word, plain(member, ofSecret)]])),
  );
}

function isList(value: TreeValue): value is readonly TreeValue[] {
  return Array.isArray(value);
}

function isMap(value: TreeValue): value is TreeMap {
  return isJsonObject(value) && !(value instanceof Secret);
}
