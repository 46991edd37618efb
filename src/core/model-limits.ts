import type { JsonObject, JsonValue } from './json.ts';

/** How much one model takes; `null` everywhere: not known, and so not checked. */
export interface ModelLimits {
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number | null;
  /** Tokens of one answer, thoughts included. */
  readonly outputTokens: number | null;
  readonly stopSequences: number | null;
  /** What the name of a tool may be. */
  readonly toolName: RegExp | null;
  /** The media types it takes as data. */
  readonly mediaTypes: ReadonlySet<string> | null;
}

/** Of a model of which nothing is known. */
export const NO_LIMITS: ModelLimits = {
  contextTokens: null,
  outputTokens: null,
  stopSequences: null,
  toolName: null,
  mediaTypes: null,
};

/** One keyword of a schema that a vendor does not take as it stands. */
export interface SchemaChange {
  /** Where it stands below the schema, as in `.properties.age.minimum`. */
  readonly path: string;
  /** `null`: it is not there. */
  readonly asked: JsonValue;
  /** `null`: it is left out, and told in the description beside it. */
  readonly sent: JsonValue;
}

/** A schema in the words of one vendor. */
export interface FittedSchema {
  /** The very same object when nothing changed; `null`: the vendor cannot take it. */
  readonly schema: JsonObject | null;
  /** What is not enforced in those words, or keeps the vendor from taking it. */
  readonly changes: readonly SchemaChange[];
}
