import type { ToolCall } from '../../core/chat.ts';
import type { ReturnedExtra } from '../../core/returned-extra.ts';
import { SEALED_TOOL_CALLS } from './sealed-thinking.ts';

/** The blocks of a turn that others have beside it, or beside its calls. */
interface BesideTurn {
  /** Where each reasoning stands. */
  readonly thinking: readonly string[];
  readonly extra: Pick<ReturnedExtra, 'paths'>;
  readonly toolCalls: readonly Pick<ToolCall, 'extraContent'>[];
}

/**
 * Notes where the client wrote what elsewhere stands beside a turn: its reasoning, and what vendors want
 * back with it or with its calls. What is of several blocks is told under the content they stand in.
 */
export function noteThinkingPaths(
  path: string,
  { thinking, extra, toolCalls }: BesideTurn,
  paths: Record<string, string>,
): void {
  const note = (place: string, found: readonly string[]): void => {
    const [first] = found;
    if (first !== undefined) paths[place] = found.length === 1 ? first : `${path}.content`;
  };
  note(`${path}.reasoning_content`, thinking);
  for (const [kind, found] of extra.paths) note(`${path}.extra_content.${kind}`, found);
  // Of tool calls, which have no place for it here, everything is sealed in a signature.
  const ofToolCalls = extra.paths.get(SEALED_TOOL_CALLS) ?? [];
  toolCalls.forEach(({ extraContent = {} }, index) => {
    for (const kind in extraContent) note(`${path}.tool_calls[${index}].extra_content.${kind}`, ofToolCalls);
  });
}
