import { Confidences } from '../../src/confidence/confidences.ts';
import type { ConfidenceLabel, ConfidenceScope } from '../../src/confidence/label.ts';
import { seededDraws } from '../../src/confidence/seeded-draws.ts';
import type { AcceptTerms } from '../../src/confidence/threshold.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { shuffled, type Question } from './confidence-worlds.ts';

export type ModelOfTable = 'mixtral' | 'gpt4';

/** What came of calibrating on some questions of the table and asking the others. */
export interface SplitResult {
  readonly hasRule: boolean;
  /** Share of the other questions whose answer was taken. */
  readonly coverage: number;
  /** Wrong share of those taken; 0 where none was. */
  readonly wrong: number;
  /** Answers that got a value, and how far the mean value is from the share that was right. */
  readonly valued: number;
  readonly meanOff: number;
}

export const SCOPE: ConfidenceScope = {
  route: 'exam',
  snapshot: 'as-the-table-has-it',
  template: null,
  model: 'model',
};
const START_MS = Date.UTC(2026, 10, 2);
const SECOND_MS = 1000;

/** A third of the table, from which the signals are made; the others, in another order for each seed. */
export interface Split {
  readonly others: readonly Question[];
  signalsOf(question: Question): JsonObject;
}

/**
 * The table tells no answers, so whether two models agree cannot be known. What a router could know beforehand is how often the
 * model was right on such tasks, in a third of the table that is used for nothing else, and how long the prompt is.
 */
export function splitOf(questions: readonly Question[], model: ModelOfTable, seed: number): Split {
  const mixed = shuffled(questions, seededDraws(seed));
  const third = Math.floor(mixed.length / 3);
  const seen = mixed.slice(0, third);
  const tasks = new Map<string, { right: number; n: number }>();
  for (const question of seen) {
    const task = tasks.get(question.task) ?? { right: 0, n: 0 };
    tasks.set(question.task, { right: task.right + Number(question[model]), n: task.n + 1 });
  }
  const lengths = seen.map(({ promptLength }) => Math.log(promptLength));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / third;
  const deviation = Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / third);
  return {
    others: mixed.slice(third),
    signalsOf({ task, promptLength }) {
      const { right, n } = tasks.get(task) ?? { right: 0, n: 0 };
      return { hook: (right + 1) / (n + 2), length_z: (Math.log(promptLength) - mean) / deviation };
    },
  };
}

/** Labels of the first of a split's questions, one a second. */
export function labelOf(
  split: Split,
  question: Question,
  index: number,
  accepted: boolean,
  seed: number,
): ConfidenceLabel {
  return {
    ...SCOPE,
    generation: `gen_${seed}_${index}`,
    at: START_MS + index * SECOND_MS,
    accepted,
    source: 'exam',
    field: null,
    signals: split.signalsOf(question),
  };
}

export function clockAt(index: number): { wallTime(): number } {
  return { wallTime: () => START_MS + index * SECOND_MS };
}

export interface SplitOptions {
  readonly model: ModelOfTable;
  readonly terms: AcceptTerms;
  readonly labels: number;
  readonly seed: number;
  /** Labels say of each answer what is true of another. */
  readonly isShuffled?: boolean;
}

/** Everything through the front door: labels in, verdicts out. */
export function runSplit(
  questions: readonly Question[],
  { model, terms, labels, seed, ...options }: SplitOptions,
): SplitResult {
  const split = splitOf(questions, model, seed);
  const confidences = new Confidences(clockAt(labels));
  const known = split.others.slice(0, labels);
  const truths = known.map((question) => question[model]);
  const told = options.isShuffled === true ? shuffled(truths, seededDraws(-seed)) : truths;
  for (const [index, question] of known.entries()) {
    confidences.addLabel(labelOf(split, question, index, told[index] === true, seed));
  }
  const rest = split.others.slice(labels);
  let taken = 0;
  let wrong = 0;
  let valued = 0;
  let sum = 0;
  let right = 0;
  let hasRule = false;
  for (const question of rest) {
    const signals = split.signalsOf(question);
    const { verdict, threshold } = confidences.acceptance(SCOPE, terms, signals);
    hasRule ||= threshold !== null;
    if (verdict === 'accept') taken++;
    if (verdict === 'accept' && !question[model]) wrong++;
    const { value } = confidences.assess(SCOPE, signals);
    if (value === null) continue;
    valued++;
    sum += value;
    right += Number(question[model]);
  }
  return {
    hasRule,
    coverage: taken / rest.length,
    wrong: taken === 0 ? 0 : wrong / taken,
    valued: valued / rest.length,
    meanOff: valued === 0 ? 0 : (sum - right) / valued,
  };
}

/** What a change behind one name came to. */
export interface ShiftResult {
  readonly hadRule: boolean;
  /** Labels of taken answers from the change until nothing was taken any more; `null`: it was still taken at the end of the table. */
  readonly labelsUntilSuspended: number | null;
  /** Alarms before the change. */
  readonly hadFalseAlarm: boolean;
}

/** The snapshot's name stays, and another model answers: GPT-4 calibrates, then it is Mixtral. Every answer gets its label. */
export function runShift(
  questions: readonly Question[],
  terms: AcceptTerms,
  labels: number,
  seed: number,
): ShiftResult {
  const split = splitOf(questions, 'gpt4', seed);
  let index = 0;
  const confidences = new Confidences({ wallTime: () => clockAt(index).wallTime() });
  let taken = 0;
  let hadRule = false;
  let hadFalseAlarm = false;
  for (const question of split.others) {
    const isChanged = index >= labels;
    const signals = split.signalsOf(question);
    const { verdict, reason, threshold } = confidences.acceptance(SCOPE, terms, signals);
    if (!isChanged) hadFalseAlarm ||= reason.startsWith('suspended');
    if (index === labels) hadRule = threshold !== null;
    if (isChanged && threshold === null) return { hadRule, hadFalseAlarm, labelsUntilSuspended: taken };
    if (isChanged && verdict === 'accept') taken++;
    confidences.addLabel(labelOf(split, question, index, isChanged ? question.mixtral : question.gpt4, seed));
    index++;
  }
  return { hadRule, hadFalseAlarm, labelsUntilSuspended: null };
}
