import type { Answer } from '../core/answer.ts';
import type { ExtraContent } from '../core/chat.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { sendAttempt } from './send-attempt.ts';

/** How often a vendor may pause in one answer. */
const MAX_PAUSES = 5;

/** The attempt that ended the answer, and what came of it. */
export interface Ended {
  readonly attempt: Attempt;
  readonly received: Answer | Failure;
}

/**
 * Sends an attempt, and as long as the vendor only pauses, another one with what it wants back: each with a
 * record and a cost of its own, the answer whole.
 */
export async function sendToEnd(first: Attempt, context: AttemptContext): Promise<Ended> {
  const { generation } = context;
  const beginnings: Answer[] = [];
  let attempt = first;
  for (;;) {
    const received = await sendAttempt(attempt, context);
    if (isFailure(received)) return { attempt, received };
    if (received.resume === undefined || leavesPause(context)) {
      return { attempt, received: joinAnswers(beginnings, received) };
    }
    const encoded = context.provider.resume?.(attempt.encoded, received.resume);
    const mayGoOn = beginnings.length < MAX_PAUSES && received.toolCalls.length === 0;
    if (encoded === undefined || !mayGoOn) return { attempt, received: pausedTooOften(received) };
    generation.endAttempt(attempt, received);
    beginnings.push(received);
    attempt = generation.continueAttempt(attempt, encoded);
    if (context.interruption.reason !== null) return { attempt, received: context.interruption.reason };
  }
}

/** A client of the same protocol gets a whole answer as its vendor wrote it, and gives it back itself. */
function leavesPause({ generation, provider }: AttemptContext): boolean {
  const { stream, dialect } = generation.exchange.request;
  return !stream && dialect === provider.protocol;
}

function pausedTooOften({ finishNative }: Answer): Failure {
  return failure('pause_turn', `the vendor paused (${finishNative}) and was not asked to go on once more`);
}

/** The answer whole, with what came before each pause. Its usage is that of its last part. */
function joinAnswers(beginnings: readonly Answer[], last: Answer): Answer {
  if (beginnings.length === 0) return last;
  const parts = [...beginnings, last];
  const joined = (of: 'text' | 'reasoning'): string | null => {
    const texts = parts.flatMap((part) => part[of] ?? []);
    return texts.length === 0 ? null : texts.join('');
  };
  return {
    ...last,
    text: joined('text'),
    reasoning: joined('reasoning'),
    extraContent: parts.map((part) => part.extraContent).reduce(joinExtra, null),
    native: null,
    flags: [...new Set(parts.flatMap((part) => part.flags))],
  };
}

/** What vendors want back with the whole of it: lists go on where those before them ended. */
function joinExtra(before: ExtraContent | null, after: ExtraContent | null): ExtraContent | null {
  if (before === null || after === null) return before ?? after;
  const joined: Record<string, JsonObject> = { ...before };
  for (const [vendor, content] of Object.entries(after)) {
    const known = joined[vendor] ?? {};
    const members = Object.entries(content).map(([name, value]) => [name, joinLists(known[name], value)] as const);
    joined[vendor] = { ...known, ...Object.fromEntries(members) };
  }
  return joined;
}

function joinLists(before: JsonValue | undefined, after: JsonValue | undefined): JsonValue {
  return Array.isArray(before) && Array.isArray(after) ? [...(before as []), ...(after as [])] : (after ?? null);
}
