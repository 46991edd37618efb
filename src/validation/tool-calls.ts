import type { AnswerChoice } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { parseJson } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { fail } from './validator.ts';

/** Fails arguments that are not JSON, which a client would stumble over. They are delivered as they are: nobody can know what was meant. */
export function toolArgumentsVerdict({ toolCalls }: AnswerChoice): Verdict | null {
  // A model that gives no arguments at all may leave them empty.
  const index = toolCalls.findIndex(
    (call) => call.kind !== 'custom' && call.arguments.trim() !== '' && parseJson(call.arguments) === undefined,
  );
  const call = toolCalls[index];
  return call === undefined
    ? null
    : fail('tool_arguments', `the arguments of tool_calls[${index}] (${call.name}) are not JSON`);
}

/** Whether the client wants no more than one tool called in one answer. */
export function wantsOneCall({ parameters }: ChatRequest): boolean {
  return parameters['parallel_tool_calls'] === false;
}

/** Fails several tool calls where the client wants one at a time: the first alone would be another answer. */
export function parallelCallsVerdict({ toolCalls }: AnswerChoice, request: ChatRequest): Verdict | null {
  return wantsOneCall(request) && toolCalls.length > 1 ? severalCalls(toolCalls.length) : null;
}

/** The verdict on such an answer. @param count how many tools were called; absent: not yet known */
export function severalCalls(count?: number): Verdict {
  return fail('parallel_tool_calls', `the model called ${count ?? 'several'} tools at once`);
}
