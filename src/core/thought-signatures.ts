import type { AssistantMessage, ExtraContent, Message, ToolCall } from './chat.ts';

/** What Google wants back with an answer of its own, or with one of its calls; `null`: nothing. */
export function thoughtSignature(extra: ExtraContent | undefined): string | null {
  const signature = extra?.['google']?.['thought_signature'];
  return typeof signature === 'string' ? signature : null;
}

/**
 * The calls that lack the signature which Google's models want from their third generation on, by their
 * message: in the current turn, the first call of each message carries it
 * (ai.google.dev/gemini-api/docs/thought-signatures, November 2026).
 */
export function unsignedCalls(messages: readonly Message[]): ReadonlyMap<AssistantMessage, ToolCall> {
  const found = new Map<AssistantMessage, ToolCall>();
  const turn = messages.findLastIndex((message) => message.role === 'user');
  for (const message of messages.slice(turn + 1)) {
    const first = message.role === 'assistant' ? message.toolCalls[0] : undefined;
    if (message.role !== 'assistant' || first === undefined || thoughtSignature(first.extraContent) !== null) continue;
    found.set(message, first);
  }
  return found;
}
