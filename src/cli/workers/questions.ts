import type { Clock } from '../../core/clock.ts';
import type { JsonValue } from '../../core/json.ts';

/** How long workers have for an answer. */
const ANSWER_MS = 500;

/** Questions that several workers are asked at a time. */
export class Questions {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #open = new Map<number, (pid: number, answer: JsonValue) => void>();
  #last = 0;

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /**
   * Asks, and waits for the answers of so many.
   * @param put puts the question, which has this number
   * @returns what those said that answered in time, by pid
   */
  ask(count: number, put: (ask: number) => void): Promise<ReadonlyMap<number, JsonValue>> {
    const ask = ++this.#last;
    const answers = new Map<number, JsonValue>();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#open.delete(ask);
        resolve(answers);
      };
      const timer = this.#clock.setTimer(ANSWER_MS, end);
      this.#open.set(ask, (pid, answer) => {
        answers.set(pid, answer);
        if (answers.size === count) end();
      });
      put(ask);
      if (count === 0) end();
    });
  }

  /** Takes an answer; one that comes too late is of no use any more. */
  answered(ask: number, pid: number, answer: JsonValue): void {
    this.#open.get(ask)?.(pid, answer);
  }
}
