import { hasRefused, type Answer } from '../core/answer.ts';
import { failure, type Failure } from '../core/failure.ts';
import { outputCapOf } from '../core/output-cap.ts';
import type { Route, StreamMode } from '../core/route.ts';
import { judge, type Judgement } from '../validation/run.ts';
import { answerSignals } from './answer-signals.ts';
import { agreementWith } from './agreement.ts';
import { judgesOf } from './ask-judge.ts';
import { assessConfidence, refuseUnsure } from './assess-confidence.ts';
import type { HandleChat } from './ask-aside.ts';
import type { Attempt } from './attempt.ts';
import type { Deadline } from './deadline.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import { hookedChecks, hookedScore } from './run-hooks.ts';
import type { Interruption } from './interruption.ts';
import { invalidAnswer } from './invalid-answer.ts';
import type { Reply } from './reply.ts';
import type { Turns } from './turns.ts';

/** What decides whether an answer may be handed over. */
interface Acceptance {
  readonly generation: Generation;
  readonly steps: Steps;
  readonly route: Route | null;
  readonly reply: Reply;
  readonly interruption: Interruption;
  readonly deadline: Deadline;
  readonly turns: Turns;
  readonly handle: HandleChat;
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
  if (request.embedding !== null) return answer;
  const terms = {
    modelId: attempt.deployment.modelId,
    mayRewrite: !reply.committed,
    outputCapTokens: outputCapOf(attempt.adapted.parameters),
    hooks: hookedChecks(attempt, generation, interruption, steps),
    judges: judgesOf({ attempt, ...acceptance }),
  };
  attempt.arrived(answer);
  attempt.endedAt = steps.clock.now();
  const judgement = await judge(answer, request, route, steps.validation, terms);
  attempt.judge(judgement);
  // A check may have waited for somebody.
  if (interruption.reason !== null) return interruption.reason;
  if (hasRefused(answer) && route?.onRefusal === 'fallback' && turns.hasOtherModel) {
    return failure('content_filter', `the model refused, or its vendor stopped the answer (${answer.finishNative})`);
  }
  await noteConfidence(judgement, attempt, acceptance);
  if (interruption.reason !== null) return interruption.reason;
  const { rejected } = judgement;
  // Of a second opinion nobody asks how sure it is.
  const isOpinion = generation.exchange.aside?.purpose === 'agreement';
  const unsure = rejected === null && !isOpinion ? refuseUnsure(attempt, route, steps) : null;
  const against = rejected === null ? unsure : invalidAnswer(rejected, attempt, route);
  const mayFlag = route?.invalid.includes('return_flagged') === true;
  if (against !== null && (!mayFlag || turns.goesOnAfterInvalid(attempt, against.kind))) return against;
  if (judgement.edits.length > 0) reply.retake(judgement.answer);
  return judgement.answer;
}

/** Notes what the answer shows of how sure it is, and how sure that makes it. */
async function noteConfidence(
  { answer, parseLevel, rejected }: Judgement,
  attempt: Attempt,
  acceptance: Acceptance,
): Promise<void> {
  const { generation, steps, route } = acceptance;
  const { validation, number } = attempt;
  // Nobody is asked about an answer that is lost already.
  const agreement = rejected === null ? await agreementWith(answer, route, { attempt, ...acceptance }) : null;
  const lengthDeviation =
    answer.usage === null
      ? null
      : steps.answerLengths.deviation(route?.name ?? null, attempt.deployment.name, answer.usage.completionTokens);
  const shown = answerSignals({ answer, validation, parseLevel, attempt: number, lengthDeviation });
  const signals = agreement === null ? shown : { ...shown, agreement };
  const hook = await hookedScore(answer, attempt, { checks: validation.verdicts, signals }, generation, steps);
  assessConfidence(attempt, hook === null ? signals : { ...signals, hook }, route, steps);
}

/** Whether somebody reads the content of the answer when it has ended: it is then kept, also of a stream. */
export function readsContent({ request, aside, configuration }: Exchange, route: Route | null): boolean {
  const isReadByRoute =
    route !== null && (route.shadow !== null || route.validators.length > 0 || route.onRefusal === 'fallback');
  if (!request.stream || aside !== undefined || isReadByRoute || configuration.hooks.confidence !== null) return true;
  return (request.responseFormat?.type ?? 'text') !== 'text' || request.tools.length > 0;
}

/** When a stream goes out. Where a refusal is carried to another vendor, the whole answer must be seen before. */
export function streamModeOf({ aside }: Pick<Exchange, 'aside'>, route: Route | null): StreamMode {
  // Nobody waits for a comparison: each model gets every chance to mend its answer.
  if (aside?.purpose === 'compare' || aside?.purpose === 'agreement') return 'hold';
  if (route === null) return 'trail';
  return route.onRefusal === 'fallback' ? 'hold' : route.stream;
}
