/** Of the requests of a route at most one in so many is a trial. */
const REQUESTS_PER_TRIAL = 4;
/** Who was not tried for so long is tried with the next request that may. */
const LONGEST_PAUSE_MS = 300_000;
/** Leaves of a draw what its first six digits do not say. */
const SPREAD = 1_048_573;

/** Says when a candidate of one route may be tried again. The times given to it must not go back. */
export class TrialPace {
  /** Candidates of the present request so far: who comes a second time belongs to the next one. */
  readonly #seen = new Set<string>();
  /** Of trials within the longest pause; older ones say nothing. */
  readonly #lastTrialMs = new Map<string, number>();
  #requestsSinceTrial = 0;

  /**
   * To be called once for each candidate of each request.
   * @param share of the requests that may be one; 0: it needs no trial
   * @param draw a number in [0, 1); what is decided here does not go by its first digits
   */
  isDue(deployment: string, share: number, draw: number, nowMs: number): boolean {
    if (this.#seen.size === 0 || this.#seen.has(deployment)) {
      this.#seen.clear();
      this.#requestsSinceTrial++;
    }
    this.#seen.add(deployment);
    if (share === 0 || this.#requestsSinceTrial < REQUESTS_PER_TRIAL) return false;
    for (const [name, lastMs] of this.#lastTrialMs) {
      if (nowMs - lastMs >= LONGEST_PAUSE_MS) this.#lastTrialMs.delete(name);
    }
    if (this.#lastTrialMs.has(deployment) && (draw * SPREAD) % 1 >= share) return false;
    this.#lastTrialMs.set(deployment, nowMs);
    this.#requestsSinceTrial = 0;
    return true;
  }
}
