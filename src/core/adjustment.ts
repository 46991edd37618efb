import type { JsonValue } from './json.ts';

export type AdjustmentKind =
  | 'capped'
  | 'clamped'
  | 'defaulted'
  | 'dropped'
  | 'renamed'
  | 'rewritten'
  | 'emulated'
  | 'brief';

/** One change that Candor made to what the client asked. Nothing is changed without one. */
export interface Adjustment {
  /** Path in the client's request, e.g. `temperature` or `messages[0].name`. */
  readonly param: string;
  /** What the client asked; `null` when it asked nothing. */
  readonly asked: JsonValue;
  /** What was sent instead; `null` when nothing was. */
  readonly sent: JsonValue;
  readonly kind: AdjustmentKind;
  /** Why, in a few words a person understands. */
  readonly reason: string;
  /** The config line that caused it (`candor.yaml:33`), the provider (`anthropic`), or `built-in`. */
  readonly at: string;
}
