import type { JsonObject } from '../core/json.ts';

/** Of what answers a confidence is: one model's on one route, by one prompt. */
export interface ConfidenceScope {
  /** `null`: the model was asked for by its name. */
  readonly route: string | null;
  /** The vendor's name of the model that answered. */
  readonly snapshot: string;
  /** Hash of the texts that went into its prompt; `null`: there are none. */
  readonly template: string | null;
  /** The config's name of the model. */
  readonly model: string;
}

/** What somebody said of an answer. */
export interface ConfidenceLabel extends ConfidenceScope {
  readonly generation: string;
  /** When it was said, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Whether the answer was right; or how right, from 0 to 1: from 0.5 on it was. */
  readonly accepted: boolean | number;
  /** Who judged. Labels of a validator (`validator:<id>`) are left out: see `isCircular`. */
  readonly source: string;
  /** Of which part of the answer; `null`: of the whole. */
  readonly field: string | null;
  /** The answer's signals, as its record has them. */
  readonly signals: JsonObject;
}

/** Whether a label says that the answer was right. */
export function isAccepted(accepted: boolean | number): boolean {
  return typeof accepted === 'number' ? accepted >= 0.5 : accepted;
}

/** Which labels are of the same scope. Two providers may call different models by one name: the config tells them apart. */
export function scopeKey({ route, snapshot, template, model }: ConfidenceScope): string {
  return JSON.stringify([route, snapshot, template, model]);
}
