import type { Answer, AnswerPart } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { failure, type Failure } from '../core/failure.ts';

/** Whether the client wants no more than one tool called in one answer. */
export function wantsOneCall({ parameters }: ChatRequest): boolean {
  return parameters['parallel_tool_calls'] === false;
}

/** The answer, or what is wrong with it where one call at a time was asked for: the first alone would be another answer. */
export function checkCalls(answer: Answer, request: ChatRequest): Answer | Failure {
  const isMany = [answer, ...answer.alternatives].some(({ toolCalls }) => toolCalls.length > 1);
  return isMany && wantsOneCall(request) ? manyCalls() : answer;
}

/** Whether the part begins a second call. */
export function isSecondCall(part: AnswerPart): boolean {
  return part.type === 'tool-call-start' && part.index > 0;
}

/** The failure of an answer with several calls where one was asked for. */
export function manyCalls(): Failure {
  return failure('validation_failed', 'the model called several tools where one call at a time was asked for');
}
