import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Validation } from '../core/record.ts';
import type { AskedAnswer } from '../substitution/compare-tally.ts';
import type { ComparedAnswer } from '../substitution/paired-scores.ts';
import { softVerdict } from '../validation/validators/refusal.ts';
import type { Attempt } from './attempt.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import { observedAttempt } from './observed-attempt.ts';

/** Failures of the answer, not of who was to give one: it has come, and counts as what it is. */
const ANSWERED: ReadonlySet<string> = new Set(['validation_failed', 'low_confidence', 'content_filter']);

/** What came of one question, for a comparison. */
export interface AskedGeneration extends AskedAnswer {
  /** Who answered; `null`: nobody. */
  readonly deployment: Deployment | null;
}

/** A generation that has ended, as it is compared: by the attempt whose answer went out, else by the last, which was found wanting. */
export function askedGeneration(generation: Generation, steps: Pick<Steps, 'validation'>): AskedGeneration {
  const { exchange, recorded } = generation;
  const attempt = generation.judged;
  const answer = attempt === null ? null : comparedAnswer(generation, attempt, steps);
  const known = { generation: exchange.id, costUsd: generation.costUsd() };
  // What is not on record is no evidence.
  if (attempt === null || answer === null || recorded === null) {
    const failure = recorded?.error?.code ?? 'ledger_unavailable';
    return { ...known, answer: null, failure, ttftMs: null, tokensPerSecond: null, deployment: null };
  }
  return { ...known, answer, failure: null, ...speedOf(attempt, generation), deployment: attempt.deployment };
}

function speedOf(attempt: Attempt, generation: Generation): Pick<AskedAnswer, 'ttftMs' | 'tokensPerSecond'> {
  const { answer, failed } = attempt;
  if (answer === null) return { ttftMs: null, tokensPerSecond: null };
  const { ttftMs, tokensPerSecond } = observedAttempt(
    { attempt, result: failed ?? answer, why: 'primary' },
    generation,
  );
  return { ttftMs, tokensPerSecond };
}

function comparedAnswer(
  { exchange: { request } }: Generation,
  { answer, failed, validation }: Attempt,
  steps: Pick<Steps, 'validation'>,
): ComparedAnswer | null {
  if (answer === null || (failed !== null && !ANSWERED.has(failed.kind))) return null;
  return answerToCompare(answer, request, validation, steps);
}

/** An answer to this request, as far as it is compared. */
export function answerToCompare(
  answer: Answer,
  request: ChatRequest,
  validation: Validation,
  { validation: steps }: Pick<Steps, 'validation'>,
): ComparedAnswer {
  const { text, toolCalls, refusal, finishReason } = answer;
  const isMarked = refusal !== null || finishReason === 'content_filter';
  const subject = { answer, request, context: steps.contexts.of(request) };
  return {
    text,
    toolCalls: toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })),
    hasRefused: isMarked || softVerdict(subject).outcome === 'fail',
    validation,
  };
}
