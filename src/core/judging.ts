import type { AnswerChoice } from './answer.ts';
import type { Verdict } from './record.ts';

/** Whom a route has judge its answers, and by what. */
export interface JudgeTerms {
  /** The config's name of the model, or of one deployment of it. */
  readonly model: string;
  /** In the operator's words. */
  readonly rubric: string;
  /** Share of the answers that are judged, in (0, 1]. */
  readonly share: number;
}

/** Models that judge answers, as the validator `judge` asks them. */
export interface JudgeAccess {
  /** `null`: the answer was not drawn, so nobody was asked. Never rejects: a judge that gives no verdict abstains. */
  ask(terms: JudgeTerms, answer: AnswerChoice): Promise<Verdict | null>;
}
