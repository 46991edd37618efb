import type { JsonValue } from '../core/json.ts';

/** What the options of a validator come to, or what is wrong with them, in one sentence. */
export type Prepared<Value> = { readonly value: Value } | { readonly problem: string };

/** How many are kept: more than the routes of any config have. */
const MAX_KEPT = 256;

/** Options that take work to read, such as patterns to compile: each is prepared once and kept. */
export class PreparedOptions<Value> {
  readonly #prepare: (options: JsonValue) => Prepared<Value>;
  readonly #kept = new Map<string, Prepared<Value>>();

  constructor(prepare: (options: JsonValue) => Prepared<Value>) {
    this.#prepare = prepare;
  }

  of(options: JsonValue): Prepared<Value> {
    const key = JSON.stringify(options);
    const known = this.#kept.get(key) ?? this.#prepare(options);
    this.#kept.set(key, known);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return known;
  }

  /** What is wrong with the options; `null` when they are fine. */
  problemOf(options: JsonValue): string | null {
    const prepared = this.of(options);
    return 'problem' in prepared ? prepared.problem : null;
  }

  /** @throws Error where the options are wrong, which the config has refused before */
  use(options: JsonValue): Value {
    const prepared = this.of(options);
    if ('problem' in prepared) throw new Error(prepared.problem);
    return prepared.value;
  }
}
