import type { Adjustment } from '../../src/core/adjustment.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isWithin } from './json-leaves.ts';

/** A request as it left for a vendor, with what is said to have been changed. */
export interface SentRequest {
  readonly kind: string;
  readonly body: JsonObject;
  readonly adjustments: readonly Adjustment[];
}

/** What a sent body holds for the leaves of the client's request, and what it holds beyond them. */
export interface Located {
  readonly found: ReadonlyMap<string, JsonValue>;
  readonly extra: readonly string[];
}

/** Whether an adjustment names the path. One about what was added (asked: nothing) explains no loss. */
export function isSaid(path: string, adjustments: readonly Adjustment[]): boolean {
  return adjustments.some((adjustment) => adjustment.asked !== null && isWithin(path, adjustment.param));
}
