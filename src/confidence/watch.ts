/** What a watch has seen. */
export interface WatchState {
  /** What a gambler has by now who began with 1 and bets on more being wrong than `risk`: a betting e-process. */
  readonly wealth: number;
  /** Labels of answers that a rule took before it knew them. */
  readonly n: number;
  readonly errors: number;
  /** The wrong share lately, in some 30 labels; `null`: there are none. */
  readonly recent: number | null;
}

/** Answers that keep their bound are ever suspended with this chance at most (Ville's inequality). */
const FALSE_ALARM = 0.05;
const MEMORY = 0.97;
/** Never all: whoever has lost everything cannot win it back. */
const MOST_AT_STAKE = 0.75;

/** Before the first label. */
export const NEW_WATCH: WatchState = { wealth: 1, n: 0, errors: 0, recent: null };

/** The watch after one more label; the bet on it was made by the labels before it. */
export function watched({ wealth, n, errors, recent }: WatchState, isError: boolean, risk: number): WatchState {
  const error = isError ? 1 : 0;
  const expected = recent ?? risk;
  const excess = expected - risk;
  const stake = excess <= 0 ? 0 : Math.min(MOST_AT_STAKE / risk, excess / (expected * (1 - expected) + excess ** 2));
  return {
    wealth: wealth * (1 + stake * (error - risk)),
    n: n + 1,
    errors: errors + error,
    recent: MEMORY * expected + (1 - MEMORY) * error,
  };
}

/** More is wrong than the rule allows: it no longer holds. */
export function isAlarmed({ wealth }: WatchState): boolean {
  return wealth >= 1 / FALSE_ALARM;
}
