import type { ExtraContent } from './chat.ts';
import type { JsonObject, JsonValue } from './json.ts';

/**
 * What vendors want back of one turn, put together from where a client wrote it. Nothing gives way: lists
 * are joined, and of two values for one place the earlier is kept beside it, under the client's path.
 */
export class ReturnedExtra {
  readonly #content = new Map<string, Record<string, JsonValue>>();
  readonly #paths = new Map<string, string[]>();

  /** @param pathOf where the client wrote what is of this vendor */
  add(extra: ExtraContent, pathOf: (kind: string) => string): void {
    for (const [kind, added] of Object.entries(extra)) {
      const paths = this.#paths.get(kind) ?? [];
      const content = this.#content.get(kind) ?? {};
      for (const [name, value] of Object.entries(added as Record<string, JsonValue>)) {
        const before = content[name];
        if (Array.isArray(before) && Array.isArray(value)) content[name] = [...before, ...value] as JsonValue;
        else {
          if (before !== undefined) content[paths.at(-1) ?? name] = before;
          content[name] = value;
        }
      }
      this.#content.set(kind, content);
      this.#paths.set(kind, [...paths, pathOf(kind)]);
    }
  }

  /** By vendor; `null` when nothing is wanted back. */
  get content(): ExtraContent | null {
    if (this.#content.size === 0) return null;
    return Object.fromEntries<JsonObject>(this.#content);
  }

  /** By vendor, where the client wrote it. */
  get paths(): ReadonlyMap<string, readonly string[]> {
    return this.#paths;
  }
}
