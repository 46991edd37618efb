import type { AnswerChoice } from '../core/answer.ts';
import type { JsonValue } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import type { JsonReading, UnreadableJson } from './recovery/read-json.ts';

/** What is judged: one answer, and its text as JSON for whoever asks. */
export interface Subject {
  readonly answer: AnswerChoice;
  /** The text as JSON as far as it may be handed over so, read once for all validators. For an answer that has a text. */
  readonly json: () => JsonReading | UnreadableJson;
}

/** One check of a whole answer. It judges and changes nothing; what it throws counts as an abstention, never as a pass. */
export interface Validator {
  readonly id: string;
  /** What is wrong with the options of a config line; `null` when they are fine. */
  readonly checkOptions: (options: JsonValue) => string | null;
  readonly check: (subject: Subject, options: JsonValue) => Verdict;
}

/** A verdict that passed. */
export function pass(validator: string): Verdict {
  return { validator, outcome: 'pass', reason: null };
}

/** A verdict that failed, with what is wrong. */
export function fail(validator: string, reason: string): Verdict {
  return { validator, outcome: 'fail', reason };
}

/** No verdict, with why there is none. */
export function abstain(validator: string, reason: string): Verdict {
  return { validator, outcome: 'abstain', reason };
}
