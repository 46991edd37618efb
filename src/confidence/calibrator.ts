/** A raw score, and whether the answer was right. */
export interface ScoredLabel {
  readonly score: number;
  readonly accepted: boolean;
}

/** The probability that an answer is right, with a 95 % lower bound on it. */
export interface Probability {
  readonly value: number;
  readonly lower95: number;
}

/** Turns raw scores into probabilities: a higher score never gives a lower value. */
export interface Calibrator {
  readonly method: 'platt' | 'isotonic';
  of(score: number): Probability;
}

/** What was said of an answer beforehand, and whether it was right. */
export interface Forecast {
  readonly p: number;
  readonly accepted: boolean;
}
