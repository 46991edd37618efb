import { systemClock, type Clock } from '../../core/clock.ts';
import { HelperThread } from '../../threads/helper-thread.ts';
import type { SuppliedContext } from '../supplied-context.ts';
import { TimeLimit } from '../time-limit.ts';
import {
  ground,
  serveGrounding,
  type Grounding,
  type GroundingJob,
  type LongGroundingJob,
} from './grounding-service.ts';

/** So much of context and answer takes a few milliseconds at the worst, and is compared at once. */
const HERE_CHARACTERS = 20_000;
const IDLE_MS = 60_000;
const MEMORY_MIB = 1024;

/** Compares answers with what was supplied: long texts on a thread of its own, which ends after a minute without any. */
export class GroundingThread {
  readonly #limit = new TimeLimit();
  readonly #contextIds = new WeakMap<SuppliedContext, number>();
  readonly #thread: HelperThread<LongGroundingJob, Grounding>;
  #lastContextId = 0;

  constructor(clock: Pick<Clock, 'setTimer'> = systemClock) {
    this.#thread = new HelperThread<LongGroundingJob, Grounding>({
      clock,
      entry: new URL('./grounding-worker.ts', import.meta.url),
      serve: serveGrounding,
      idleMs: IDLE_MS,
      memoryMib: MEMORY_MIB,
      unanswered: { problem: 'the thread that compares ended' },
    });
  }

  /** What becomes of a comparison. Never rejects: what cannot be compared, or not in time, is a problem. */
  ground<Result>(
    job: GroundingJob,
    context: SuppliedContext,
    judge: (grounding: Grounding) => Result,
  ): Result | Promise<Result> {
    const grounding = this.#ground(job, context);
    return grounding instanceof Promise ? grounding.then(judge) : judge(grounding);
  }

  #ground(job: GroundingJob, context: SuppliedContext): Grounding | Promise<Grounding> {
    const characters = job.answer.reduce((sum, text) => sum + text.length, context.index.length);
    if (characters <= HERE_CHARACTERS) return ground(job, () => context.index, this.#limit);
    const contextId = this.#contextIds.get(context) ?? ++this.#lastContextId;
    this.#contextIds.set(context, contextId);
    const asked = this.#thread.ask({ ...job, contextId, context: context.texts }, characters);
    return asked ?? { problem: 'too many others wait for this check' };
  }
}
