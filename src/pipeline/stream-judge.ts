import type { AnswerPart } from '../core/answer.ts';
import type { Failure } from '../core/failure.ts';
import { DEFAULT_INVALID_STEPS } from '../core/route.ts';
import { StreamCheck, streamedOutlines } from '../validation/incremental/stream-check.ts';
import { outputHabits } from '../validation/recovery/output-habits.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { invalidAnswer } from './invalid-answer.ts';

/** Says of a streamed answer, as it comes, when it cannot become one that may be handed over: none of the rest is waited for. */
export class StreamJudge {
  readonly #attempt: Attempt;
  readonly #context: AttemptContext;
  /** `null`: there is nothing to judge, or no use in it. */
  #check: StreamCheck | null = null;

  constructor(attempt: Attempt, context: AttemptContext) {
    this.#attempt = attempt;
    this.#context = context;
    const { exchange, plan } = context.generation;
    const { request, aside } = exchange;
    // What goes on after a pause began elsewhere, and of Candor's own questions the whole answer is wanted.
    if (!request.stream || aside !== undefined || attempt.continues !== null) return;
    const outlines = streamedOutlines(request, plan?.target.route ?? null, context.steps.validation.schemas);
    if (outlines.length === 0) return;
    this.#check = new StreamCheck(outlines, outputHabits(attempt.deployment.modelId).opensInPrompt);
  }

  /** Takes the parts of one event before anything of it is handed on. @returns why the attempt ends here */
  take(parts: readonly AnswerPart[]): Failure | null {
    if (this.#check === null) return null;
    const verdict = this.#check.take(parts, this.#mayRepair);
    if (verdict === null) return null;
    if (this.#isOfUse()) {
      this.#check = null;
      return null;
    }
    this.#attempt.validation = { status: 'failed', verdicts: [verdict] };
    return invalidAnswer(verdict, this.#attempt, this.#context.generation.plan?.target.route ?? null);
  }

  get #mayRepair(): boolean {
    const { reply, generation } = this.#context;
    const steps = generation.plan?.target.route?.invalid ?? DEFAULT_INVALID_STEPS;
    return reply.mayRewrite && steps.includes('repair');
  }

  /** Whether the answer is wanted although it is not valid: for its model to better it, or to be delivered marked. */
  #isOfUse(): boolean {
    const { reply, generation, turn, turns } = this.#context;
    const steps = generation.plan?.target.route?.invalid ?? DEFAULT_INVALID_STEPS;
    if (reply.mayRewrite && steps.includes('reask') && turn.reask === null) return true;
    return steps.includes('return_flagged') && !turns.goesOnAfterInvalid(this.#attempt, 'validation_failed');
  }
}
