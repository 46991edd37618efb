import type { Message, SystemMessage } from './chat.ts';

/** Instructions that do not stand at the start of their conversation. */
export interface LateInstructions {
  /** In the order of the conversation. */
  readonly messages: readonly Message[];
  /** The first of them that follows an answer, not a user's turn or the call of a tool; `null`: none does. */
  readonly afterAnswer: Message | null;
}

/** Whether the message instructs, as the system or the developer does. */
export function isInstruction(message: Message): message is SystemMessage {
  return message.role === 'system' || message.role === 'developer';
}

/** The instructions after the start of a conversation. */
export function lateInstructions(messages: readonly Message[]): LateInstructions {
  const start = messages.findIndex((message) => !isInstruction(message));
  const late: Message[] = [];
  let before: Message | null = null;
  let afterAnswer: Message | null = null;
  for (const message of start < 0 ? [] : messages.slice(start)) {
    if (!isInstruction(message)) {
      before = message;
      continue;
    }
    late.push(message);
    if (before?.role === 'assistant' && before.toolCalls.length === 0) afterAnswer ??= message;
  }
  return { messages: late, afterAnswer };
}
