import type { JsonValue } from './json.ts';

/** What a value becomes in the vendor's body. */
export interface MappedValue {
  /** `null`: the field is left out. */
  readonly send: JsonValue;
  /** `false` marks the nearest thing, not the same. */
  readonly exact: boolean;
  /** Fields that go with it, by dotted path. */
  readonly also?: Readonly<Record<string, JsonValue>>;
}

/** How a model takes one parameter. `field` is the dotted path in the vendor's body. */
export type HintRule =
  | {
      readonly kind: 'pass';
      readonly field: string;
      /** Fields that go with it, by dotted path. */
      readonly also?: Readonly<Record<string, JsonValue>>;
      /** Numbers that mean something of their own, each with what is sent for it. */
      readonly except?: Readonly<Record<string, MappedValue>>;
    }
  | { readonly kind: 'range'; readonly field: string; readonly min: number; readonly max: number }
  | { readonly kind: 'map'; readonly field: string; readonly values: Readonly<Record<string, MappedValue>> }
  | {
      readonly kind: 'rewrite';
      readonly field: string;
      readonly rewrite: (asked: JsonValue) => JsonValue;
      readonly reason: string;
    }
  | { readonly kind: 'drop'; readonly reason: string };

/** What the rule makes of a value; `undefined`: it has nothing for it. */
export function mappedValue(rule: HintRule | undefined, asked: JsonValue): MappedValue | undefined {
  const isWord = typeof asked === 'string' || typeof asked === 'boolean';
  if (rule?.kind !== 'map' || !isWord) return undefined;
  return Object.hasOwn(rule.values, String(asked)) ? rule.values[String(asked)] : undefined;
}
