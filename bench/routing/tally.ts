import { MINUTE_MS, WORLD_MS } from './world-library.ts';

const WINDOW_MS = 10 * MINUTE_MS;
const LATE_AFTER_MS = 2_000;
const LATE_LIMIT = 0.05;
const FAILED_LIMIT = 0.05;
const BAD_LIMIT = 0.4;

export const OBJECTIVES = { ttftMs: LATE_AFTER_MS, failedShare: FAILED_LIMIT, rightShare: 1 - BAD_LIMIT } as const;
export const OBJECTIVE_LIMITS = { late: LATE_LIMIT, failed: FAILED_LIMIT, bad: BAD_LIMIT } as const;

/** What one run came to, by the definitions of CRITERIA.md. */
export interface RunFigures {
  /** All attempts' cost, divided by the right answers that were delivered. */
  readonly nanoUsdPerAccepted: number;
  /** Share of the cells (10 minutes × objective) in which the objective was missed. */
  readonly misses: number;
  readonly late: number;
  readonly failed: number;
  readonly bad: number;
  readonly attemptsPerRequest: number;
}

interface Counts {
  requests: number;
  answered: number;
  late: number;
  bad: number;
}

/** Counts what clients of one run see. */
export class Tally {
  readonly #windows: Counts[] = Array.from({ length: WORLD_MS / WINDOW_MS }, () => ({
    requests: 0,
    answered: 0,
    late: 0,
    bad: 0,
  }));
  #costNanoUsd = 0;
  #attempts = 0;

  /** How many have ended. */
  get requests(): number {
    return this.#windows.reduce((sum, { requests }) => sum + requests, 0);
  }

  attempt(costNanoUsd: number): void {
    this.#attempts++;
    this.#costNanoUsd += costNanoUsd;
  }

  /** @param firstContentMs since the request arrived */
  answered(arrivedAtMs: number, firstContentMs: number, isRight: boolean): void {
    const counts = this.#windowOf(arrivedAtMs);
    counts.requests++;
    counts.answered++;
    if (firstContentMs > LATE_AFTER_MS) counts.late++;
    if (!isRight) counts.bad++;
  }

  unanswered(arrivedAtMs: number): void {
    this.#windowOf(arrivedAtMs).requests++;
  }

  figures(): RunFigures {
    const total: Counts = { requests: 0, answered: 0, late: 0, bad: 0 };
    let cells = 0;
    let missed = 0;
    for (const counts of this.#windows) {
      for (const name of ['requests', 'answered', 'late', 'bad'] as const) total[name] += counts[name];
      if (counts.requests === 0) continue;
      const { late, failed, bad } = sharesOf(counts);
      cells += 3;
      missed += Number(late > LATE_LIMIT) + Number(failed > FAILED_LIMIT) + Number(bad > BAD_LIMIT);
    }
    return {
      nanoUsdPerAccepted: this.#costNanoUsd / (total.answered - total.bad),
      misses: missed / cells,
      ...sharesOf(total),
      attemptsPerRequest: this.#attempts / total.requests,
    };
  }

  #windowOf(arrivedAtMs: number): Counts {
    return this.#windows[Math.floor(arrivedAtMs / WINDOW_MS)]!;
  }
}

function sharesOf({ requests, answered, late, bad }: Counts): {
  readonly late: number;
  readonly failed: number;
  readonly bad: number;
} {
  const share = (count: number): number => (answered === 0 ? 0 : count / answered);
  return { late: share(late), failed: 1 - answered / requests, bad: share(bad) };
}
