import type { JsonValue } from './json.ts';

interface MutableObject {
  [key: string]: JsonValue | MutableObject | undefined;
}

/** Builds a nested object from dotted paths: `('a.b', 1)` gives `{a: {b: 1}}`. */
export class JsonBuilder {
  readonly #root: MutableObject = {};

  /** Sets the member at the dotted path, making the objects on the way. */
  set(path: string, value: JsonValue): void {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let object = this.#root;
    for (const key of keys) {
      const next = object[key];
      object = (typeof next === 'object' && next !== null ? next : (object[key] = {})) as MutableObject;
    }
    object[last] = value;
  }

  /** The object built so far. */
  build(): { readonly [key: string]: JsonValue } {
    return this.#root as { readonly [key: string]: JsonValue };
  }
}
