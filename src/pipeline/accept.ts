import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Route, StreamMode } from '../core/route.ts';
import { judge } from '../validation/run.ts';
import type { Attempt } from './attempt.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Reply } from './reply.ts';

/** What decides whether an answer may be handed over. */
interface Acceptance {
  readonly exchange: Exchange;
  readonly steps: Steps;
  readonly route: Route | null;
  readonly reply: Reply;
  /** Whether another model is left, to which a refusal can be carried. */
  readonly hasOtherModel: boolean;
}

/**
 * The answer, if it may be handed over; else the failure that says why not. Its verdicts are noted on the attempt. JSON
 * that was recovered from an answer takes its text's place, and where a stream is held, that of its events.
 */
export function acceptAnswer(answer: Answer, attempt: Attempt, acceptance: Acceptance): Answer | Failure {
  const { exchange, steps, route, reply, hasOtherModel } = acceptance;
  const terms = { modelId: attempt.deployment.modelId, mayRewrite: !reply.committed };
  const judgement = judge(answer, exchange.request, route, steps.validation, terms);
  attempt.judge(judgement);
  if (answer.finishReason === 'content_filter' && route?.onRefusal === 'fallback' && hasOtherModel) {
    return failure('content_filter', `the vendor stopped the answer (${answer.finishNative})`);
  }
  if (judgement.accepted) {
    if (judgement.edits.length > 0) reply.retake(judgement.answer);
    return judgement.answer;
  }
  return failure('validation_failed', attempt.scrub(judgement.reason ?? 'the answer was not accepted'));
}

/** Whether somebody reads the content of the answer when it has ended: it is then kept, also of a stream. */
export function readsContent(request: ChatRequest, route: Route | null): boolean {
  const format = request.responseFormat?.type ?? 'text';
  const hasChecks = format !== 'text' || request.tools.length > 0 || (route !== null && route.validators.length > 0);
  return !request.stream || hasChecks;
}

/** When a stream goes out. Where a refusal is carried to another vendor, the whole answer must be seen before. */
export function streamModeOf(route: Route | null): StreamMode {
  if (route === null) return 'trail';
  return route.onRefusal === 'fallback' ? 'hold' : route.stream;
}
