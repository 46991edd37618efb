import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Route } from '../core/route.ts';
import { judge } from '../validation/run.ts';
import type { Attempt } from './attempt.ts';
import type { Exchange, Steps } from './exchange.ts';

/** What decides whether an answer may be handed over. */
interface Acceptance {
  readonly exchange: Exchange;
  readonly steps: Steps;
  readonly route: Route | null;
  /** Whether nobody is left to ask after this attempt. */
  readonly isLast: boolean;
}

/** The answer, if it may be handed over; else the failure that says why not. Its verdicts are noted on the attempt. */
export function acceptAnswer(answer: Answer, attempt: Attempt, acceptance: Acceptance): Answer | Failure {
  const { exchange, steps, route, isLast } = acceptance;
  const judgement = judge(answer, exchange.request, route, steps.validation);
  attempt.judge(answer, judgement.validation);
  if (answer.finishReason === 'content_filter' && route?.onRefusal === 'fallback' && !isLast) {
    return failure('content_filter', `the vendor stopped the answer (${answer.finishNative})`);
  }
  if (judgement.accepted) return answer;
  return failure('validation_failed', attempt.scrub(judgement.reason ?? 'the answer was not accepted'));
}

/** Whether somebody reads the content of the answer when it has ended: it is then kept, also of a stream. */
export function readsContent(request: ChatRequest, route: Route | null): boolean {
  const format = request.responseFormat?.type ?? 'text';
  return !request.stream || format !== 'text' || (route !== null && route.validators.length > 0);
}

/** Whether the whole answer must be seen before any of it is sent. */
export function holdsAnswers(route: Route | null): boolean {
  return route !== null && (route.stream === 'hold' || route.onRefusal === 'fallback');
}
