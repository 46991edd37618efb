import type { AnswerPart } from '../core/answer.ts';
import type { Failure } from '../core/failure.ts';
import type { Verdict } from '../core/record.ts';
import { DEFAULT_INVALID_STEPS, type InvalidStep } from '../core/route.ts';
import { StreamCheck, streamedOutlines } from '../validation/incremental/stream-check.ts';
import { outputHabits } from '../validation/recovery/output-habits.ts';
import { severalCalls, wantsOneCall } from '../validation/tool-calls.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { invalidAnswer } from './invalid-answer.ts';

/**
 * Says of a streamed answer, as it comes, when it cannot become one that may be handed over: none of the rest is waited
 * for, unless it is of use all the same. Of what is wrong as it stands nothing goes out before its end.
 */
export class StreamJudge {
  readonly #attempt: Attempt;
  readonly #context: AttemptContext;
  /** `null`: there is no schema, or it has said what it can. */
  #check: StreamCheck | null = null;
  #countsCalls = false;

  constructor(attempt: Attempt, context: AttemptContext) {
    this.#attempt = attempt;
    this.#context = context;
    const { exchange, plan } = context.generation;
    const { request, aside } = exchange;
    // Of Candor's own questions the whole answer is wanted.
    if (!request.stream || aside !== undefined) return;
    this.#countsCalls = wantsOneCall(request);
    // What goes on after a pause began elsewhere.
    if (attempt.continues !== null) return;
    const outlines = streamedOutlines(request, plan?.target.route ?? null, context.steps.validation.schemas);
    if (outlines.length === 0) return;
    this.#check = new StreamCheck(outlines, outputHabits(attempt.deployment.modelId).opensInPrompt);
  }

  /** Takes the parts of one event before anything of it is handed on. @returns why the attempt ends here */
  take(parts: readonly AnswerPart[]): Failure | null {
    const verdict = this.#verdictOn(parts);
    if (verdict === null) {
      if (this.#check?.needsRepair === true) this.#context.reply.keepBack();
      return null;
    }
    if (this.#isOfUse) {
      this.#check = null;
      this.#countsCalls = false;
      this.#context.reply.keepBack();
      return null;
    }
    this.#attempt.validation = { status: 'failed', verdicts: [verdict] };
    return invalidAnswer(verdict, this.#attempt, this.#context.generation.plan?.target.route ?? null);
  }

  #verdictOn(parts: readonly AnswerPart[]): Verdict | null {
    if (this.#countsCalls && parts.some((part) => part.type === 'tool-call-start' && part.index > 0)) {
      return severalCalls();
    }
    const mayRepair = this.#context.reply.mayRewrite && this.#steps.includes('repair');
    return this.#check?.take(parts, mayRepair) ?? null;
  }

  get #steps(): readonly InvalidStep[] {
    return this.#context.generation.plan?.target.route?.invalid ?? DEFAULT_INVALID_STEPS;
  }

  /** Whether the answer is wanted although it is not valid: to be delivered marked, be it in the end, or for its model to better it. */
  get #isOfUse(): boolean {
    const { reply, turn } = this.#context;
    if (this.#steps.includes('return_flagged')) return true;
    return !reply.committed && this.#steps.includes('reask') && turn.reask === null;
  }
}
