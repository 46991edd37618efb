import type { CalledTool } from './question.ts';
import { countTokens, splitTokens } from './tokens.ts';

/** What the brain wrote, before any limit. */
export interface Draft {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly CalledTool[];
}

/** One answer, the same for every protocol. */
export interface Reply extends Draft {
  readonly refusal: string | null;
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'refusal';
  /** The stop sequence that ended it; `null` when none did. */
  readonly stopSequence: string | null;
  readonly reasoningTokens: number;
  /** Tokens of text, refusal and calls; without the reasoning. */
  readonly answerTokens: number;
}

/** Ends a draft where a stop sequence or the cap of tokens ends it. */
export function finishReply(draft: Draft, stop: readonly string[], maxTokens: number): Reply {
  const stopped = cutAtStop(draft.text, stop);
  const meter = { left: maxTokens };
  const reasoning = takeTokens(draft.reasoning, meter);
  const text = takeTokens(stopped.text, meter);
  const calls: CalledTool[] = [];
  for (const call of stopped.sequence === null ? draft.calls : []) {
    if (meter.left === 0) break;
    calls.push({ ...call, arguments: takeTokens(call.arguments, meter) });
  }
  const written = reasoning.length + text.length + lengthOf(calls);
  const asked = draft.reasoning.length + stopped.text.length + (stopped.sequence === null ? lengthOf(draft.calls) : 0);
  const isCut = written < asked;
  return {
    reasoning,
    text,
    calls,
    refusal: null,
    finish: isCut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop',
    stopSequence: isCut ? null : stopped.sequence,
    reasoningTokens: countTokens(reasoning),
    answerTokens: countTokens(text) + calls.reduce((sum, call) => sum + countTokens(call.arguments), 0),
  };
}

/** A refusal in the vendor's own way; `explanation` is what it says. */
export function refusalReply(explanation: string): Reply {
  return {
    reasoning: '',
    text: '',
    calls: [],
    refusal: explanation,
    finish: 'refusal',
    stopSequence: null,
    reasoningTokens: 0,
    answerTokens: countTokens(explanation),
  };
}

function lengthOf(calls: readonly CalledTool[]): number {
  return calls.reduce((sum, call) => sum + call.arguments.length, 0);
}

function cutAtStop(text: string, stop: readonly string[]): { readonly text: string; readonly sequence: string | null } {
  let end = text.length;
  let found: string | null = null;
  for (const sequence of stop) {
    const at = text.indexOf(sequence);
    if (at === -1 || at >= end) continue;
    end = at;
    found = sequence;
  }
  return { text: text.slice(0, end), sequence: found };
}

function takeTokens(text: string, meter: { left: number }): string {
  const tokens = splitTokens(text).slice(0, meter.left);
  meter.left -= tokens.length;
  return tokens.join('');
}
