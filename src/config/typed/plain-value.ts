import type { JsonValue } from '../../core/json.ts';

/** A part of a value that no config file could hold. */
export interface Refusal {
  /** `routes.legal.try[1]`. */
  readonly path: string;
  /** What it is: `a function`. */
  readonly what: string;
  readonly steps: readonly (string | number)[];
}

export type PlainValue = { readonly value: JsonValue } | { readonly refusals: readonly Refusal[] };

/** The value as JSON, members that are `undefined` left out. What JSON cannot hold is refused by its path, never dropped. */
export function plainValue(value: unknown): PlainValue {
  const refusals: Refusal[] = [];
  const plain = convert(value, [], new Set(), refusals);
  return refusals.length > 0 ? { refusals } : { value: plain };
}

/** A path as the messages about the config file write it. */
export function pathText(steps: readonly (string | number)[]): string {
  if (steps.length === 0) return 'the config';
  return steps
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

function convert(
  value: unknown,
  steps: readonly (string | number)[],
  around: ReadonlySet<object>,
  refusals: Refusal[],
): JsonValue {
  const what = oddity(value, around);
  if (what !== null) {
    refusals.push({ path: pathText(steps), what, steps });
    return null;
  }
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const within = new Set([...around, value]);
  if (Array.isArray(value))
    return Array.from(value as readonly unknown[], (item, index) => convert(item, [...steps, index], within, refusals));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => [name, convert(member, [...steps, name], within, refusals)]),
  );
}

/** What keeps a value out of a config; `null` when nothing does. */
function oddity(value: unknown, around: ReadonlySet<object>): string | null {
  switch (typeof value) {
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value}`;
    case 'undefined':
      return 'undefined';
    case 'number':
      return Number.isFinite(value) ? null : String(value);
    case 'object':
      if (value === null || Array.isArray(value)) return around.has(value ?? {}) ? 'a circle' : null;
      if (around.has(value)) return 'a circle';
      if (!isPlainObject(value)) return `an instance of ${value.constructor.name}`;
      return Object.getOwnPropertySymbols(value).length > 0 ? 'a map with a symbol for a key' : null;
    default:
      return null;
  }
}

/** Also one that was made in another context, as a module loader may do. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
