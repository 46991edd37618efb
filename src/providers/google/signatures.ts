import type { Adjustment } from '../../core/adjustment.ts';
import type { AssistantMessage } from '../../core/chat.ts';

/** What the vendor documents for a call that it never signed (ai.google.dev/gemini-api/docs/thought-signatures). */
const UNSIGNED = 'skip_thought_signature_validator';

/** The signature for a call that was never signed, with what is told of it. */
export function standInSignature(
  message: AssistantMessage,
  at: string,
): { readonly signature: string; readonly adjustment: Adjustment } {
  return {
    signature: UNSIGNED,
    adjustment: {
      param: `${message.path}.tool_calls[0].extra_content.google.thought_signature`,
      asked: null,
      sent: UNSIGNED,
      kind: 'defaulted',
      reason: "this model wants its calls signed, and this one is not: the vendor's word for that is sent",
      at,
    },
  };
}
