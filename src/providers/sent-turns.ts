import type { ChatRequest, Message } from '../core/chat.ts';
import { isInstruction } from '../core/late-instructions.ts';

/** Turns of a conversation as they go out: one of the client's own, by its position in the client's list, or what is written in its place. */
export type SentTurn = { readonly own: number } | { readonly written: readonly Message[] };

/**
 * The conversation behind the instructions at its start, for a client that speaks the vendor's protocol. `null`: it is
 * the client's own, turn by turn, save those that stand at the start now.
 * @param count how many entries the client's list has
 */
export function sentTurns(
  request: ChatRequest,
  messages: readonly Message[],
  count: number,
): readonly SentTurn[] | null {
  if (messages === request.messages) return null;
  const own = byPosition(request.messages);
  const turns: SentTurn[] = [];
  const conversation = behindStart(messages);
  for (let start = 0; start < conversation.length;) {
    const position = positionOf(conversation[start]);
    let end = start + 1;
    while (end < conversation.length && positionOf(conversation[end]) === position) end += 1;
    const run = conversation.slice(start, end);
    start = end;
    if (position === null || !isSame(run, own.get(position) ?? [])) {
      turns.push({ written: run });
      continue;
    }
    turns.push({ own: position });
    // Entries behind it that were read as one with it.
    for (let next = position + 1; next < count && !own.has(next); next += 1) turns.push({ own: next });
  }
  return turns.some((turn) => 'written' in turn) ? turns : null;
}

function behindStart(messages: readonly Message[]): readonly Message[] {
  const start = messages.findIndex((message) => !isInstruction(message));
  return start < 0 ? [] : messages.slice(start);
}

function byPosition(messages: readonly Message[]): ReadonlyMap<number, readonly Message[]> {
  const own = new Map<number, Message[]>();
  for (const message of messages) {
    const position = positionOf(message);
    if (position !== null) own.set(position, [...(own.get(position) ?? []), message]);
  }
  return own;
}

/** `null`: it stands in no list, or Candor wrote it. */
function positionOf(message: Message | undefined): number | null {
  const position = /^\w+\[(\d+)\]/.exec(message?.path ?? '')?.[1];
  return position === undefined ? null : Number(position);
}

function isSame(run: readonly Message[], own: readonly Message[]): boolean {
  return run.length === own.length && run.every((message, index) => message === own[index]);
}

/** Whether the instructions at the start are others than the client's own. */
export function startsAnew(request: ChatRequest, messages: readonly Message[]): boolean {
  if (messages === request.messages) return false;
  const own = request.messages.filter((_, index, all) => all.slice(0, index + 1).every(isInstruction));
  const sent = messages.filter((_, index, all) => all.slice(0, index + 1).every(isInstruction));
  return !isSame(sent, own);
}
