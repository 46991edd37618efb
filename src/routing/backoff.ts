/** What a wait before a retry is reckoned from. */
export interface BackoffInputs {
  /** 0 before the first retry of a deployment, 1 before the second. */
  readonly retry: number;
  /** What the vendor asked for; `null`: it did not say. */
  readonly retryAfterMs: number | null;
  /** What is left of the request's time. */
  readonly remainingMs: number;
  /** A number in [0, 1). */
  readonly draw: number;
}

const FIRST_MS = 250;
const LONGEST_MS = 4000;
/** What is waited for a vendor at the most. */
const LONGEST_ASKED_MS = 5000;
/** Those who were told the same time must not come back at the same moment. */
const SPREAD = 0.1;

/**
 * Milliseconds to wait before the same deployment is asked again: what the vendor asked for and up to a tenth more, else
 * anything between nothing and 250 ms, doubled with each retry, up to 4 s ("full jitter"). `null`: there is to be no
 * retry, since the vendor asked for more than 5 s, or the request has not that much time.
 */
export function backoffMs({ retry, retryAfterMs, remainingMs, draw }: BackoffInputs): number | null {
  if (retryAfterMs !== null && retryAfterMs > LONGEST_ASKED_MS) return null;
  const wait =
    retryAfterMs === null
      ? draw * Math.min(LONGEST_MS, FIRST_MS * 2 ** retry)
      : Math.max(0, retryAfterMs) * (1 + SPREAD * draw);
  return wait > remainingMs ? null : wait;
}
