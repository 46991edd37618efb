import type { Clock, Timer } from '../core/clock.ts';
import { LedgerUnavailable } from './ledger-unavailable.ts';

export interface StoreRoomOptions {
  /** How many records may wait for the store. */
  readonly limit: number;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Why the store stays behind, where that is known. */
  readonly reason: () => string | null;
}

interface Waiter {
  readonly resume: () => void;
  readonly timer: Timer;
}

/** How long one waits for a store that is behind. */
const WAIT_MS = 5000;

/** The room for records that are written and not yet in the store: who begins one more waits while there is none. */
export class StoreRoom {
  readonly #options: StoreRoomOptions;
  #waiters: Waiter[] = [];

  constructor(options: StoreRoomOptions) {
    this.#options = options;
  }

  /** Whether there is none. @param waiting how many records wait now */
  isFull(waiting: number): boolean {
    return waiting >= this.#options.limit;
  }

  /** Resolves when there is room again. @throws LedgerUnavailable when there is none for 5 s */
  enter(waiting: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.setTimer(WAIT_MS, () => {
        this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer);
        const reason = this.#options.reason() ?? 'it does not keep up';
        reject(new LedgerUnavailable(`the store is ${waiting} records behind: ${reason}`));
      });
      const resume = (): void => {
        timer.cancel();
        resolve();
      };
      this.#waiters.push({ resume, timer });
    });
  }

  /** So many records wait now. */
  onSize(waiting: number): void {
    if (!this.isFull(waiting)) this.open();
  }

  /** Lets everyone in. */
  open(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resume();
  }
}
