import type { AnswerChoice } from '../../core/answer.ts';
import type { ExtraContent } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';

/** Under this name, which is no provider's, stands what vendors want back with tool calls, by the id of the call. */
export const SEALED_TOOL_CALLS = 'candor';

/**
 * The signature of a thinking block that holds what vendors of other protocols want back with an
 * answer: tool calls of this protocol have no place for it. `null`: they want nothing.
 */
export function sealedSignature(
  extra: ExtraContent | null,
  toolCalls: readonly Pick<AnswerChoice['toolCalls'][number], 'id' | 'extraContent'>[],
): string | null {
  const ofToolCalls: Record<string, JsonObject> = {};
  for (const { id, extraContent } of toolCalls) if (extraContent !== undefined) ofToolCalls[id] = extraContent;
  const hasToolCalls = Object.keys(ofToolCalls).length > 0;
  if (extra === null && !hasToolCalls) return null;
  return sealExtra({ ...extra, ...(hasToolCalls ? { [SEALED_TOOL_CALLS]: ofToolCalls } : {}) });
}

/** The signature of thinking by a vendor that wants nothing back: it says whose the thinking is not. */
export const UNSIGNED = sealExtra({});
