import type { ObjectiveVerdict } from '../core/decision.ts';
import type { ObjectiveEvidence, ObjectiveName } from '../core/objective.ts';
import { wilsonLowerBound } from './wilson.ts';

/** The fast detector is sure of a change from here on. */
export const ALARM = 7;
/** So many observations of a trial show that an objective is met again. */
export const TRIAL_SIZE = 12;
const MIN_OBSERVATIONS = 8;
/** Validity is judged seldom and lasts long: it takes more to lose it. */
const MIN_VALIDITY_OBSERVATIONS = 20;

/** What a meter holds of an objective; the rest of the evidence is for people. */
export type ObjectiveCounts = Pick<
  ObjectiveEvidence,
  'name' | 'limit' | 'n' | 'misses' | 'cusum' | 'was_missed' | 'trial'
>;

/** Which share of the observations may miss the objective: it is met as long as not surely more do. */
export function allowedShare(name: ObjectiveName, limit: number): number {
  switch (name) {
    case 'ttft_p95':
      return 0.05;
    case 'tokens_per_second':
      return 0.5;
    case 'error_rate':
      return limit;
    case 'valid_rate':
      // 1 - 0.9 is not quite 0.1.
      return Math.round((1 - limit) * 1e9) / 1e9;
    case 'cost_per_request':
      return 1;
  }
}

/**
 * By how much one observation moves the fast detector, a Bernoulli CUSUM (Page 1954; Reynolds and Stoumbos 1999): the
 * logarithm of how much likelier it is after a change to the worse than under the allowed share. From four times the
 * allowed share on, or 25 points more where that is less, and at least 30 %, it counts as such a change. From 7 on the
 * detector is sure: after 4 misses in a row where 5 % are allowed.
 *
 * On average so many observations pass before a false alarm, where as many miss as are allowed, and where half as many do;
 * and before a true one, after a change to `changed` (simulated, 8 to 4,000 runs each):
 *
 * | allowed | changed | false, as allowed | false, half as many | true |
 * | ------: | ------: | ----------------: | ------------------: | ---: |
 * |     1 % |    30 % |            19,600 |             152,000 |   10 |
 * |     2 % |    30 % |            10,400 |              85,000 |   12 |
 * |     5 % |    30 % |            11,400 |             387,000 |   21 |
 * |    10 % |    35 % |            12,100 |           2,000,000 |   30 |
 * |    20 % |    45 % |            12,500 |        > 15,000,000 |   41 |
 * |    40 % |    65 % |            12,600 |        > 20,000,000 |   51 |
 * |    50 % |    75 % |            11,500 |        > 20,000,000 |   49 |
 */
export function detectorSteps(name: ObjectiveName, limit: number): { readonly miss: number; readonly hit: number } {
  const usual = Math.min(0.9, Math.max(0.01, allowedShare(name, limit)));
  const changed = Math.max(usual, Math.min(0.9, Math.max(0.3, Math.min(4 * usual, usual + 0.25))));
  return { miss: Math.log(changed / usual), hit: Math.log((1 - changed) / (1 - usual)) };
}

/** Whether the fast detector is sure that the objective is missed. */
export function isAlarmed({ cusum }: Pick<ObjectiveEvidence, 'cusum'>): boolean {
  return cusum >= ALARM;
}

/** Whether the objective is met; `null`: not enough is known. It is once missed until a trial shows that it is met. */
export function isMet(counts: ObjectiveCounts): boolean | null {
  const { name, limit, n, misses, was_missed: wasMissed, trial } = counts;
  const allowed = allowedShare(name, limit);
  if (wasMissed) return trial.n >= TRIAL_SIZE && trial.misses / trial.n <= allowed;
  if (isAlarmed(counts)) return false;
  if (n < minObservations(name)) return null;
  return wilsonLowerBound(misses, n) <= allowed;
}

/**
 * Judges one objective at one candidate by what was measured, and by nothing else. `cost_per_request` is not measured:
 * its verdict is `null`.
 */
export function judgeObjective(evidence: ObjectiveEvidence): ObjectiveVerdict {
  const { name, limit, value, n } = evidence;
  const met = isMet(evidence);
  return { name, limit, value, n, met, reason: reasonOf(evidence, met) };
}

function minObservations(name: ObjectiveName): number {
  return name === 'valid_rate' ? MIN_VALIDITY_OBSERVATIONS : MIN_OBSERVATIONS;
}

function reasonOf(evidence: ObjectiveEvidence, met: boolean | null): string {
  const { name, limit, n, misses, was_missed: wasMissed, trial } = evidence;
  if (name === 'cost_per_request') return 'it is reckoned from the price in force, not measured';
  const missed = missOf(name, limit);
  if (wasMissed) {
    const since = `${trial.misses} of the ${trial.n} answers since then ${missed}`;
    return met === true
      ? `it was missed, and is met again: ${since}`
      : `it was missed, and ${TRIAL_SIZE} answers must show that it is met again: ${since}`;
  }
  if (isAlarmed(evidence))
    return `${Math.round(misses)} of the latest ${Math.round(n)} answers ${missed}: a sudden change`;
  if (met === null) return `${Math.floor(n)} of the ${minObservations(name)} answers needed to judge it have come`;
  const share = percent(allowedShare(name, limit));
  const sureness = met ? 'not surely' : 'surely';
  return `${Math.round(misses)} of ${Math.round(n)} answers ${missed}: ${sureness} more than ${share}`;
}

/** What an answer did that missed it. */
function missOf(name: Exclude<ObjectiveName, 'cost_per_request'>, limit: number): string {
  switch (name) {
    case 'ttft_p95':
      return `took longer than ${limit} ms to begin`;
    case 'tokens_per_second':
      return `came slower than ${limit} tokens a second`;
    case 'error_rate':
      return 'failed';
    case 'valid_rate':
      return 'were not valid';
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
