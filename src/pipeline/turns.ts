import type { AdaptedRequest } from '../core/adapted-request.ts';
import { hasRefused, type Answer } from '../core/answer.ts';
import type { Deployment } from '../core/deployment.ts';
import { failureClass, isFailure, SILENCES, type Failure, type FailureKind } from '../core/failure.ts';
import type { CandidateReason } from '../core/record.ts';
import { DEFAULT_INVALID_STEPS, type InvalidStep } from '../core/route.ts';
import type { Reask } from '../prompts/reask.ts';
import { backoffMs } from '../routing/backoff.ts';
import { decisionOn, shutReason, type Plan } from '../routing/plan.ts';
import type { RetryBudget } from '../routing/retry-budget.ts';
import type { Attempt } from './attempt.ts';
import type { CostCeiling } from './cost-ceiling.ts';
import type { Deadline } from './deadline.ts';
import { keysOf } from './decision-inputs.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';
import { Objections } from './objections.ts';
import { recover } from './recover.ts';
import { isRefusedReask } from './refused-reask.ts';
import { settleAttempt } from './settle-attempt.ts';
import type { Turn } from './turn.ts';

/** How many attempts one request may make; one on a stale socket, which nobody answered, is none of them. */
export const MAX_ATTEMPTS = 3;

/** What the turns of a request go by. */
export interface TurnsContext {
  readonly generation: Generation;
  readonly interruption: Interruption;
  readonly deadline: Deadline;
  readonly ceiling: CostCeiling;
  readonly steps: Steps;
}

/** How somebody is asked, where it is not as usual. */
interface How {
  readonly isFresh?: boolean;
  readonly keys?: readonly string[];
}

/** Failures of one key, which another key of the deployment need not share. */
const KEY_FAILURES: ReadonlySet<FailureKind> = new Set(['auth', 'quota', 'rate_limited']);

/**
 * Says who is asked next, and after which pause: candidate by candidate, the last one twice where that may help. While
 * another candidate is left, nobody is asked again, but where the route says so, a socket was stale, or there is another
 * key. Each attempt's end is told to the circuits and meters.
 */
export class Turns {
  readonly #plan: Plan;
  readonly #context: TurnsContext;
  /** Place in the plan of the candidate whose turn it is. */
  #place = -1;
  #attempts = 0;
  /** How often the one whose turn it is was asked again, on a fresh socket, and with which of its keys. */
  #retries = 0;
  #hadStaleSocket = false;
  readonly #usedKeys = new Set<string>();
  /** The answer that its model was asked to better; `null`: it was not. */
  #reasked: Reask | null = null;
  readonly #objections: Objections;
  #turn: Turn | null = null;
  #giveRetryBack: (() => void) | null = null;

  constructor(plan: Plan, context: TurnsContext) {
    this.#plan = plan;
    this.#context = context;
    this.#objections = new Objections(context);
  }

  /** Whose turn it is first; `null`: nobody may be asked any more, or nobody waits for the answer. */
  first(): Turn | null {
    if (this.#context.interruption.reason !== null) return null;
    this.#retryBudget.requestBegan();
    return this.#nextCandidate();
  }

  /** Whether a model may be asked yet that has not refused: a refusal can be carried to it. */
  get hasOtherModel(): boolean {
    const { candidates } = this.#plan;
    const asked = candidates[this.#place]?.model;
    const isOther = (each: Deployment): boolean => each.model !== asked && this.#mayBeAsked(each);
    return this.#attempts < MAX_ATTEMPTS && candidates.slice(this.#place + 1).some(isOther);
  }

  /** Whether somebody is asked after an answer that failed so: only where nobody is may it be delivered all the same. */
  goesOnAfterInvalid(attempt: Attempt, kind: FailureKind): boolean {
    if (this.#context.generation.committed || this.#context.interruption.reason !== null) return false;
    if (this.#attempts >= MAX_ATTEMPTS || hasRefusal(attempt)) return false;
    const others = this.#plan.candidates.slice(this.#place + 1);
    return this.#invalidSteps.some((step) => {
      if (step === 'reask') return kind === 'validation_failed' && this.#mayReask(attempt);
      return step === 'next' && others.some((each) => this.#mayBeAsked(each));
    });
  }

  /** Settles the attempt of this turn and says whose turn it is next; `null`: that was the end. */
  async after(attempt: Attempt, result: Answer | Failure, committed: boolean): Promise<Turn | null> {
    this.#settle(attempt, result);
    const { interruption } = this.#context;
    if (!isFailure(result) || interruption.reason !== null) return null;
    const isInvalid = result.kind === 'validation_failed' || result.kind === 'low_confidence';
    if (isInvalid || isRefusedReask(this.#context.generation.attempts))
      return this.#afterInvalid(attempt, result, committed);
    if (recover(result, { committed, route: this.#plan.target.route }) === 'stop') return null;
    const isStale = result.kind === 'stale_socket';
    if (isStale) this.#attempts -= 1;
    if (this.#attempts >= MAX_ATTEMPTS) return null;
    if (result.kind === 'content_filter') this.#objections.refusedBy(attempt.deployment.model);
    if (isStale && !this.#hadStaleSocket) {
      this.#hadStaleSocket = true;
      const turn = this.#again(true);
      if (turn !== null) return turn;
    }
    if (KEY_FAILURES.has(result.kind)) {
      const turn = this.#withOtherKey();
      if (turn !== null) return turn;
    }
    return (await this.#retry(result)) ?? (interruption.reason === null ? this.#nextCandidate() : null);
  }

  /** Leaves the one whose turn it is out where what it would be sent may cost too much. Gives who is asked, if anybody. */
  async affordable(turn: Turn, adapted: AdaptedRequest): Promise<Turn | null> {
    const { ceiling, generation } = this.#context;
    const { deployment } = turn;
    await ceiling.written(adapted, deployment, generation.attempts);
    const reason = this.#objections.tooDear(deployment);
    if (reason === null) return turn;
    this.abandon();
    this.#attempts -= 1;
    // One that has been asked is in the record with that.
    const wasAsked = generation.attempts.some((each) => each.deployment === deployment);
    if (!wasAsked) generation.passedOver.push({ deployment, reasons: [reason] });
    return turn.why === 'reask' && !this.#invalidSteps.includes('next') ? null : this.#nextCandidate();
  }

  /** What Candor itself asks takes no retry from clients. */
  get #retryBudget(): RetryBudget {
    const { generation, steps } = this.#context;
    return generation.exchange.aside === undefined ? steps.retryBudget : steps.asideRetryBudget;
  }

  get #invalidSteps(): readonly InvalidStep[] {
    return this.#plan.target.route?.invalid ?? DEFAULT_INVALID_STEPS;
  }

  /** After an answer that is not valid its model may better it once, or another one is asked: as the route says, in its order. */
  #afterInvalid(attempt: Attempt, { kind }: Failure, committed: boolean): Turn | null {
    // What checks a refusal fails, too, is no reason to carry it to another vendor.
    if (committed || this.#attempts >= MAX_ATTEMPTS || hasRefusal(attempt)) return null;
    for (const step of this.#invalidSteps) {
      // Nothing is wrong with an unsure answer that its model could be told.
      const isReask = step === 'reask' && kind === 'validation_failed';
      const turn = isReask ? this.#reask(attempt) : step === 'next' ? this.#nextCandidate() : null;
      if (turn !== null) return turn;
    }
    return null;
  }

  #reask(attempt: Attempt): Turn | null {
    const { answer, deployment, validation } = attempt;
    if (answer === null || !this.#mayReask(attempt)) return null;
    this.#reasked = { answer, verdicts: validation.verdicts };
    return this.#enter(deployment, 'reask');
  }

  /** What one more time did not better, a third will not; and of several answers none is the one to be bettered. */
  #mayReask(attempt: Attempt): boolean {
    const { answer, deployment } = attempt;
    if (this.#reasked !== null || answer === null || answer.alternatives.length > 0) return false;
    const { ceiling, generation } = this.#context;
    // Its prompt will hold this answer, too, which costs less to be read than it cost to be written.
    const asIfPaidTwice = ceiling.refusal(deployment, generation.attempts.concat(attempt), generation.asides);
    return asIfPaidTwice === null && this.#objections.against(deployment) === null;
  }

  /** Gives back what the turn under way holds, when a fault of our own ended it. */
  abandon(): void {
    if (this.#turn !== null) {
      this.#context.steps.telemetry.end(this.#turn.deployment.name);
      this.#turn.pass.settle({ kind: 'neutral' });
    }
    this.#turn = null;
    this.#giveRetryBack?.();
    this.#giveRetryBack = null;
  }

  #settle(attempt: Attempt, result: Answer | Failure): void {
    const { generation, steps } = this.#context;
    if (this.#turn !== null) {
      const { pass, why } = this.#turn;
      settleAttempt({ attempt, result, why }, pass, generation, steps);
    }
    this.abandon();
  }

  /** The next candidate of the plan that may be asked at this moment. */
  #nextCandidate(): Turn | null {
    const { candidates } = this.#plan;
    while (++this.#place < candidates.length) {
      const deployment = candidates[this.#place] as Deployment;
      this.#retries = 0;
      this.#hadStaleSocket = false;
      this.#usedKeys.clear();
      this.#reasked = null;
      const reason = this.#objections.against(deployment);
      const turn = reason === null ? this.#enter(deployment, this.#why(deployment)) : null;
      if (turn !== null) return turn;
      this.#context.generation.passedOver.push({ deployment, reasons: [reason ?? this.#openedMeanwhile(deployment)] });
    }
    return null;
  }

  /** The same one again where the rules allow it, after its pause. */
  async #retry(failed: Failure): Promise<Turn | null> {
    const { route } = this.#plan.target;
    const isLast = this.#place >= this.#plan.candidates.length - 1;
    const most = Math.max(route?.retries ?? 0, isLast ? 1 : 0);
    const ofKind = failureClass(failed.kind);
    // To ask a silent one again would only be to wait once more.
    if (this.#retries >= most || (ofKind !== 'A' && ofKind !== 'B') || SILENCES.has(failed.kind)) return null;
    const { steps, deadline } = this.#context;
    const waitMs = backoffMs({
      retry: this.#retries,
      retryAfterMs: failed.retryAfterMs,
      remainingMs: deadline.remainingMs(),
      draw: steps.draw(),
    });
    const deployment = this.#plan.candidates[this.#place];
    if (waitMs === null || deployment === undefined || this.#objections.tooDear(deployment) !== null) return null;
    this.#giveRetryBack = this.#retryBudget.tryRetry();
    if (this.#giveRetryBack === null) return null;
    this.#retries += 1;
    const giveBack = this.#giveRetryBack;
    await this.#pause(waitMs);
    const turn = this.#context.interruption.reason === null ? this.#again(false) : null;
    if (turn === null) giveBack();
    return turn;
  }

  #again(isFresh: boolean): Turn | null {
    const deployment = this.#plan.candidates[this.#place];
    if (deployment === undefined || this.#objections.tooDear(deployment) !== null) return null;
    return this.#enter(deployment, 'retry', { isFresh });
  }

  /** One that failed for this request is not asked for it again in the place of another key. */
  #withOtherKey(): Turn | null {
    const deployment = this.#plan.candidates[this.#place];
    if (deployment === undefined || this.#objections.tooDear(deployment) !== null) return null;
    const others = keysOf(deployment).filter((key) => !this.#usedKeys.has(key));
    return this.#enter(deployment, 'retry', { keys: others });
  }

  #enter(deployment: Deployment, why: Turn['why'], how: How = {}): Turn | null {
    const { isFresh = false, keys = keysOf(deployment) } = how;
    const { circuits, telemetry } = this.#context.steps;
    const pass = circuits.enter(deployment.name, keys);
    if (pass === null) return null;
    const key = keys[pass.keyIndex] ?? '';
    this.#usedKeys.add(key);
    this.#attempts += 1;
    telemetry.begin(deployment.name);
    const credential = deployment.credentials.find((each) => String(each) === key) ?? null;
    this.#turn = { deployment, credential, why, reask: this.#reasked, isFresh, pass };
    return this.#turn;
  }

  #why(deployment: Deployment): Turn['why'] {
    if (this.#context.generation.attempts.length > 0) return 'fallback';
    if (decisionOn(deployment.name, this.#plan)?.standing === 'trial') return 'trial';
    return deployment.model === this.#plan.usual?.model ? 'primary' : 'fallback';
  }

  #mayBeAsked(deployment: Deployment): boolean {
    const { state } = this.#context.steps.circuits.view(deployment.name, keysOf(deployment));
    return (state === 'closed' || state === 'half_open') && this.#objections.against(deployment) === null;
  }

  #openedMeanwhile(deployment: Deployment): CandidateReason {
    return shutReason(this.#context.steps.circuits.view(deployment.name, keysOf(deployment)));
  }

  /** Passes at the end of the time, or when the request is interrupted. */
  async #pause(waitMs: number): Promise<void> {
    if (waitMs <= 0) return;
    const { steps, interruption } = this.#context;
    let wake: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => (wake = resolve));
    const watch = steps.transport.watch(waitMs, wake);
    await interruption.orInterrupted(passed);
    watch.stop();
  }
}

/** Whether its answer is a refusal, which is neither argued with nor, unless the route says so, carried elsewhere. */
function hasRefusal({ answer }: Attempt): boolean {
  return answer !== null && hasRefused(answer);
}
