import { createHash } from 'node:crypto';

import type { HintRule } from '../core/hint-rule.ts';
import type { JsonValue } from '../core/json.ts';

/** Rules for hints that several vendors treat alike. */
export const NO_SUCH_PARAMETER: HintRule = { kind: 'drop', reason: 'this vendor has no such parameter' };
export const CACHES_BY_ITSELF: HintRule = { kind: 'drop', reason: 'this vendor caches by itself' };
const KEPT_IN_RECORD: HintRule = { kind: 'drop', reason: 'kept in the record only' };
const ONE_IDENTIFIER: HintRule = { kind: 'drop', reason: 'this vendor takes one identifier, from user' };

/** The hints of OpenAI that no vendor but it has. */
export const OPENAI_ONLY_HINTS: Readonly<Record<string, HintRule>> = {
  verbosity: NO_SUCH_PARAMETER,
  prediction: NO_SUCH_PARAMETER,
  metadata: KEPT_IN_RECORD,
};

const DIGITS = 32;

/**
 * The rules of a vendor that takes one identifier of the end user, under `field`. It is sent hashed:
 * such fields take few characters, and the name or address of a person should not travel.
 */
export function oneIdentifier(field: string): Readonly<Record<'user' | 'safety_identifier', HintRule>> {
  const rewrite = (user: JsonValue): JsonValue =>
    createHash('sha256').update(JSON.stringify(user)).digest('hex').slice(0, DIGITS);
  return {
    user: { kind: 'rewrite', field, rewrite, reason: `sent as ${field}, hashed` },
    safety_identifier: ONE_IDENTIFIER,
  };
}
