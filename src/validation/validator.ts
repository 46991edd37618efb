import type { AnswerChoice } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { HookAccess } from '../core/hooks.ts';
import type { JsonValue } from '../core/json.ts';
import type { JudgeAccess } from '../core/judging.ts';
import type { Verdict } from '../core/record.ts';
import type { JsonReading, UnreadableJson } from './recovery/read-json.ts';
import type { SuppliedContext } from './supplied-context.ts';

/** What is judged: one answer, what was asked, and the answer's text as JSON for whoever asks. */
export interface Subject {
  readonly answer: AnswerChoice;
  readonly request: ChatRequest;
  /** What the model was given to go by. */
  readonly context: SuppliedContext;
  /** How much of its output cap the answer has used, by the vendor's own count; `null`: not known. */
  readonly outputShare: number | null;
  /** The checks that are functions of the config. */
  readonly hooks: HookAccess;
  /** The models that judge answers. */
  readonly judges: JudgeAccess;
  /** The text as JSON as far as it may be handed over so, read once for all validators. For an answer that has a text. */
  readonly json: () => JsonReading | UnreadableJson;
}

/** One check of a whole answer. It judges and changes nothing; what it throws, or rejects with, counts as an abstention, never as a pass. */
export interface Validator {
  readonly id: string;
  /** What is wrong with the options of a config line; `null` when they are fine. */
  readonly checkOptions: (options: JsonValue) => string | null;
  /** Whether an answer it fails may not be handed over; where it may, it is marked `failed`. Absent: it may not. */
  readonly rejects?: (options: JsonValue) => boolean;
  /** Whether it waits for somebody else: it is then asked last. Absent: it does not. */
  readonly waits?: true;
  /** Whether the pipeline decides it when all other verdicts are there, instead of `check`. Absent: `check` does. */
  readonly isDecidedLater?: true;
  /** A promise where it waits for somebody else; those are asked last, and only where all others passed. `null`: this answer is not checked. */
  readonly check: (subject: Subject, options: JsonValue) => Verdict | null | Promise<Verdict | null>;
}

/** Where in the answer something is wrong, and what shows it. */
export type Finding = Pick<Verdict, 'place' | 'evidence'>;

/** A verdict that passed. */
export function pass(validator: string): Verdict {
  return { validator, outcome: 'pass', reason: null };
}

/** A verdict that failed, with what is wrong, in words that quote nothing. */
export function fail(validator: string, reason: string, finding: Finding = {}): Verdict {
  return { validator, outcome: 'fail', reason, ...finding };
}

/** No verdict, with why there is none. */
export function abstain(validator: string, reason: string): Verdict {
  return { validator, outcome: 'abstain', reason };
}
