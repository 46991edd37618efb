import type { JsonObject, JsonValue } from './json.ts';

/** What may be asked of every process that serves a port, since each decides and counts for itself. */
export type ProcessQuestion = 'metrics' | 'telemetry' | 'decisions' | 'close_circuits';

/** What came of asking them all. */
export interface ProcessAnswers {
  /** How many there are; some may not have answered in time. */
  readonly workers: number;
  /** One of each that did. Of `metrics` what is to be merged, with what is remembered of the others. */
  readonly answers: readonly JsonValue[];
}

/** Asks every process, the one that asks included. @throws Error when they cannot be asked */
export type AskProcesses = (question: ProcessQuestion, argument: JsonObject) => Promise<ProcessAnswers>;
