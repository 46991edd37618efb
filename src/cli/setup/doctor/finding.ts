/** `warning`: it works, and may not do what is meant. `problem`: it does not work. */
export type FindingOutcome = 'ok' | 'warning' | 'problem';

/** What one check has found. */
export interface Finding {
  readonly check: string;
  readonly outcome: FindingOutcome;
  /** What is there, in a few words. */
  readonly message: string;
  /** Why that is a problem, as a sentence; `null` when the message says it. */
  readonly cause: string | null;
  /** What to do next; `null` when there is nothing to do. */
  readonly next: string | null;
}

export function ok(check: string, message: string): Finding {
  return { check, outcome: 'ok', message, cause: null, next: null };
}

export function warning(check: string, message: string, cause: string | null, next: string): Finding {
  return { check, outcome: 'warning', message, cause, next };
}

/** A problem always comes with what to do about it. */
export function problem(check: string, message: string, cause: string | null, next: string): Finding {
  return { check, outcome: 'problem', message, cause, next };
}
