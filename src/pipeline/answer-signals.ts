import { logprobSignals } from '../confidence/logprobs.ts';
import type { Answer } from '../core/answer.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Validation } from '../core/record.ts';

/** What is known of an answer when its confidence is assessed. */
export interface KnownAnswer {
  readonly answer: Answer;
  readonly validation: Validation;
  /** How far its text was from JSON; `undefined`: nobody asked for JSON. */
  readonly parseLevel: number | null | undefined;
  /** Which attempt of its request it is of, from 1. */
  readonly attempt: number;
  /** By how many standard deviations its length differs from the usual one; `null`: not known. */
  readonly lengthDeviation: number | null;
}

/** A length that is less unusual shows nothing. */
const UNUSUAL_DEVIATION = 2;

/** What an answer shows of how sure it is, for its record. What is as usual is left out: most answers show nothing. */
export function answerSignals(known: KnownAnswer): JsonObject {
  const { answer, validation, parseLevel, attempt, lengthDeviation } = known;
  const flagged = validation.verdicts.filter(({ outcome }) => outcome !== 'pass').length;
  const usual = answer.finishReason === 'stop' || answer.finishReason === 'tool_calls';
  const coverage = groundingCoverage(validation);
  return {
    ...(parseLevel === undefined ? {} : { parse_level: parseLevel }),
    ...(attempt > 1 ? { retries: attempt - 1 } : {}),
    ...(usual ? {} : { finish: answer.finishReason }),
    ...(flagged === 0 ? {} : { validators_flagged: flagged }),
    ...(lengthDeviation === null || Math.abs(lengthDeviation) < UNUSUAL_DEVIATION
      ? {}
      : { length_z: Math.round(lengthDeviation * 100) / 100 }),
    ...(coverage === null ? {} : { grounding_coverage: coverage }),
    ...(answer.logprobs === undefined ? {} : (logprobSignals(answer.logprobs.content) ?? {})),
  };
}

/** The share of the citations that the context holds; `null`: nobody looked, or there are none. */
function groundingCoverage({ verdicts }: Validation): number | null {
  const cited: readonly JsonValue[] = verdicts.find(({ validator }) => validator === 'citations')?.evidence ?? [];
  const found = cited.filter((each) => isJsonObject(each) && each['found'] !== false);
  return cited.length === 0 ? null : found.length / cited.length;
}
