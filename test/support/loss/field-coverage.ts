import type { JsonObject } from '../../../src/core/json.ts';
import { leavesOf } from '../json-leaves.ts';

/** What tells the leaves of one published field: `[]` is any position, `…` anything below. */
export function fieldPattern(field: string): RegExp {
  const escaped = field.replace('…', '').replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(String.raw`\[\]`, String.raw`\[\d+\]`)}(?:$|[.[])`);
}

/** How many requests that were sent have each of the fields. */
export class FieldCoverage {
  readonly #fields: readonly (readonly [field: string, pattern: RegExp])[];
  readonly counts = new Map<string, number>();

  constructor(fields: readonly string[]) {
    this.#fields = fields.map((field) => [field, fieldPattern(field)]);
    for (const field of fields) this.counts.set(field, 0);
  }

  add(body: JsonObject): void {
    const paths = [...leavesOf(body).keys()];
    for (const [field, pattern] of this.#fields) {
      if (paths.some((path) => pattern.test(path))) this.counts.set(field, (this.counts.get(field) ?? 0) + 1);
    }
  }
}
