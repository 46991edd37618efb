/** What a JSON value is, as its first character tells. */
export type ValueKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/** An inclusive or, with `isOpen`, exclusive end of a range. */
export interface Bound {
  readonly value: number;
  readonly isOpen: boolean;
}

/** How many of something there may be; a value with more or fewer is not accepted. */
export interface Counts {
  readonly least: number;
  readonly most: number;
}

/**
 * What a schema says of a value that can be told while the value is still coming: less than the schema, never more.
 * `null` in the place of an outline: nothing.
 */
export interface SchemaOutline {
  /** What the value may be; `null`: anything. */
  readonly kinds: ReadonlySet<ValueKind> | null;
  /** The strings it may be, in ascending order; `null`: any. */
  readonly strings: readonly string[] | null;
  /** The numbers it may be; `null`: any. */
  readonly numbers: ReadonlySet<number> | null;
  readonly isInteger: boolean;
  readonly lowest: readonly Bound[];
  readonly highest: readonly Bound[];
  /** In code points. */
  readonly length: Counts;
  readonly items: Counts;
  readonly members: Counts;
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, SchemaOutline | null>;
  /** Of members that are not among the properties. */
  readonly otherMembers: SchemaOutline | null;
  /** The only names that members may have, in ascending order; `null`: any. */
  readonly onlyNames: readonly string[] | null;
  /** Of the first items, one by one; */
  readonly firstItems: readonly (SchemaOutline | null)[];
  /** and of those after them. */
  readonly otherItems: SchemaOutline | null;
  /** Each of them must accept the value too. */
  readonly all: readonly SchemaOutline[];
  /** Of each group one must. */
  readonly groups: readonly (readonly SchemaOutline[])[];
}
