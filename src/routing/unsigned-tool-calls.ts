import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { CandidateReason } from '../core/record.ts';
import { unsignedCalls } from '../core/thought-signatures.ts';

/** Under `params: strict` nothing stands in for a signature: a model that wants its calls back signed cannot be asked with others. */
export function unsignedToolCalls(
  { messages }: Pick<ChatRequest, 'messages'>,
  { capabilities }: Pick<Deployment, 'capabilities'>,
): readonly CandidateReason[] {
  if (capabilities.wantsSignatures !== true) return [];
  return [...unsignedCalls(messages)].map(([message]) => ({
    rule: 'unsigned_tool_calls',
    need: `${message.path}.tool_calls[0].extra_content.google.thought_signature`,
    have: null,
    evidence: capabilities.source,
    at: null,
  }));
}
