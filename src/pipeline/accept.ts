import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import { failure, type Failure } from '../core/failure.ts';
import { outputCapOf } from '../core/output-cap.ts';
import type { Verdict } from '../core/record.ts';
import type { Route, StreamMode } from '../core/route.ts';
import { judge, type Judgement } from '../validation/run.ts';
import { answerSignals } from './answer-signals.ts';
import { assessConfidence, refuseUnsure } from './assess-confidence.ts';
import type { Attempt } from './attempt.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import { hookedChecks, hookedScore } from './run-hooks.ts';
import type { Interruption } from './interruption.ts';
import type { Reply } from './reply.ts';
import type { Turns } from './turns.ts';

/** What decides whether an answer may be handed over. */
interface Acceptance {
  readonly generation: Generation;
  readonly steps: Steps;
  readonly route: Route | null;
  readonly reply: Reply;
  readonly interruption: Interruption;
  readonly turns: Turns;
}

/**
 * The answer, if it may be handed over; else the failure that says why not. Its verdicts are noted on the attempt. JSON
 * that was recovered from an answer takes its text's place, and where a stream is held, that of its events. One that is
 * not valid is delivered and marked where the route says so, once nobody else may be asked.
 */
export async function acceptAnswer(
  answer: Answer,
  attempt: Attempt,
  acceptance: Acceptance,
): Promise<Answer | Failure> {
  const { generation, steps, route, reply, interruption, turns } = acceptance;
  const { request } = generation.exchange;
  const terms = {
    modelId: attempt.deployment.modelId,
    mayRewrite: !reply.committed,
    outputCapTokens: outputCapOf(attempt.adapted.parameters),
    hooks: hookedChecks(attempt, generation, steps),
  };
  const judgement = await judge(answer, request, route, steps.validation, terms);
  attempt.judge(judgement);
  // A check may have waited for somebody.
  if (interruption.reason !== null) return interruption.reason;
  if (answer.finishReason === 'content_filter' && route?.onRefusal === 'fallback' && turns.hasOtherModel) {
    return failure('content_filter', `the vendor stopped the answer (${answer.finishNative})`);
  }
  await noteConfidence(answer, attempt, judgement.parseLevel, acceptance);
  const { rejected } = judgement;
  const against = rejected === null ? refuseUnsure(attempt, route, steps) : invalidAnswer(rejected, attempt);
  const isFlagged = route?.invalid.includes('return_flagged') === true && !turns.goesOnAfterInvalid(attempt);
  if (against !== null && !isFlagged) return against;
  if (judgement.edits.length > 0) reply.retake(judgement.answer);
  return judgement.answer;
}

/** Notes what the answer shows of how sure it is, and how sure that makes it. */
async function noteConfidence(
  answer: Answer,
  attempt: Attempt,
  parseLevel: Judgement['parseLevel'],
  { generation, steps, route }: Acceptance,
): Promise<void> {
  const { validation, number } = attempt;
  const known = { answer, validation, parseLevel, attempt: number };
  const signals = answerSignals(known);
  const hook = await hookedScore(answer, attempt, { checks: validation.verdicts, signals }, generation, steps);
  assessConfidence(attempt, hook === null ? signals : { ...signals, hook }, route, steps);
}

const MAX_QUOTE_CHARACTERS = 200;

function invalidAnswer({ validator, outcome, reason, place, evidence }: Verdict, attempt: Attempt): Failure {
  const where = place === undefined ? '' : ` (${place})`;
  const message = attempt.scrub(`${validator}: ${reason ?? outcome}${where}`);
  const [first] = evidence ?? [];
  if (first === undefined) return failure('validation_failed', message);
  const quote = attempt.scrub(typeof first === 'string' ? first : JSON.stringify(first));
  return failure('validation_failed', message, { quote: quote.slice(0, MAX_QUOTE_CHARACTERS) });
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
