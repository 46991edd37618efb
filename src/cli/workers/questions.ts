import type { Clock, Timer } from '../../core/clock.ts';
import type { JsonValue } from '../../core/json.ts';

/** How long workers have for an answer. */
const ANSWER_MS = 500;

interface OpenQuestion {
  /** Pids of those whose answer counts. */
  readonly asked: Set<number>;
  readonly answers: Map<number, JsonValue>;
  readonly timer: Timer;
  readonly resolve: (answers: ReadonlyMap<number, JsonValue>) => void;
}

/** Questions that several workers are asked at a time. */
export class Questions {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #open = new Map<number, OpenQuestion>();
  #last = 0;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /**
   * Asks, and waits for the answers.
   * @param pids of those that are asked
   * @param put puts the question, which has this number
   * @returns what those said that answered in time and have not ended since, by pid
   */
  ask(pids: readonly number[], put: (ask: number) => void): Promise<ReadonlyMap<number, JsonValue>> {
    const ask = ++this.#last;
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(ANSWER_MS, () => this.#end(ask));
      this.#open.set(ask, { asked: new Set(pids), answers: new Map(), timer, resolve });
      put(ask);
      this.#endIfComplete(ask);
    });
  }

  /** Takes an answer; one that comes too late is of no use any more. */
  answered(ask: number, pid: number, answer: JsonValue): void {
    const question = this.#open.get(ask);
    if (question?.asked.has(pid) !== true) return;
    question.answers.set(pid, answer);
    this.#endIfComplete(ask);
  }

  /** One of them has ended. Its metrics are kept as they last were told: said once more, they would count twice. */
  left(pid: number): void {
    for (const [ask, { asked, answers }] of this.#open) {
      asked.delete(pid);
      answers.delete(pid);
      this.#endIfComplete(ask);
    }
  }

  #endIfComplete(ask: number): void {
    const question = this.#open.get(ask);
    if (question !== undefined && question.answers.size === question.asked.size) this.#end(ask);
  }

  #end(ask: number): void {
    const question = this.#open.get(ask);
    this.#open.delete(ask);
    question?.timer.cancel();
    question?.resolve(question.answers);
  }
}
