import type { ObjectiveEvidence, ObjectiveName, ObjectivePolicy, PickWord } from './objective.ts';
import type { FallbackTerms } from './substitution.ts';
import type { SubstitutionStanding } from './substitution.ts';

/** `half_open`: closed to all but one request, which finds out. `cooling`: the vendor asked to be left alone (429). */
export type CircuitState = 'closed' | 'half_open' | 'open' | 'cooling';

export interface CircuitView {
  readonly state: CircuitState;
  /** Why it is not closed, in numbers; `null` when it is. */
  readonly reason: string | null;
  /** How long until it may be asked again; `null` when it may be asked now. */
  readonly retry_in_ms: number | null;
}

/** What is known of one candidate in the place of another model. */
export interface StandingIn extends SubstitutionStanding {
  /** The model it would stand in for. */
  readonly for: string;
}

/** Everything the decision knows of one candidate: all of it is recorded, none of it is looked up again. */
export interface CandidateInputs {
  readonly deployment: string;
  readonly model: string;
  /** Whether its model was named as a whole, so that its deployments share its requests. */
  readonly shares: boolean;
  /** For `pick: weighted`. */
  readonly weight: number;
  readonly circuit: CircuitView;
  /** USD per million tokens, in force at that moment; `null`: not known. */
  readonly price: { readonly in: number; readonly out: number } | null;
  /** Expected of this request: tokens of the prompt, and of the answer (`null`: not measured yet). */
  readonly tokens: { readonly in: number; readonly out: number | null };
  /** Share of its answers that were accepted; 1 while nothing is measured. */
  readonly accepted_share: number;
  /** Time to first content in this request's size bucket; `n` is decayed. `null`: nothing is measured. */
  readonly ttft: { readonly n: number; readonly p50_ms: number; readonly p95_ms: number } | null;
  /** Peak-sensitive moving average of the time to first content times the requests under way; `null`: not measured. */
  readonly load: number | null;
  readonly objectives: readonly ObjectiveEvidence[];
  /** Whether the next request may try it again although it misses an objective, or has never been measured. */
  readonly trial_due: boolean;
  /** Whom it may stand in for; absent: nobody of another model can be asked before it. */
  readonly stands_in?: readonly StandingIn[];
}

/** What a decision is made from, under the names it has in the record. Pure data: the same inputs give the same plan, also years later. */
export interface DecisionInputs {
  readonly pick: PickWord;
  readonly objective_policy: ObjectivePolicy;
  /** `off`: no other model than the usual one; `certified`: only with a certificate. */
  readonly fallback: FallbackTerms;
  /** One number in [0, 1) that stands for every chance in the decision. */
  readonly draw: number;
  /** Those that can give what the request asks, in the order of the config. */
  readonly candidates: readonly CandidateInputs[];
}

/** One objective, judged. */
export interface ObjectiveVerdict {
  readonly name: ObjectiveName;
  readonly limit: number;
  readonly value: number | null;
  readonly n: number;
  /** `null`: not enough is known; it is not held against the candidate. */
  readonly met: boolean | null;
  /** Why, in numbers. */
  readonly reason: string;
}

/** What the decision says of one candidate. */
export interface CandidateDecision {
  readonly deployment: string;
  /** `last_resort`: misses an objective, and is asked when nobody else is left. */
  readonly standing: 'asked' | 'trial' | 'last_resort' | 'excluded';
  /** Why it is excluded; `null` when it is not. */
  readonly excluded_by: 'circuit' | 'cooling' | 'objective' | 'fallback' | 'certificate' | null;
  readonly objectives: readonly ObjectiveVerdict[];
  /** Nano-USD of an accepted answer at the price in force; `null`: not known. */
  readonly expected_cost_nano_usd: number | null;
}

/** Who is asked, in which order. */
export interface Decision {
  readonly order: readonly string[];
  /** Who would be first were every circuit closed (and, under `pick: ordered`, every objective met); `null`: nobody is a candidate. */
  readonly usual: string | null;
  readonly candidates: readonly CandidateDecision[];
}

/** The certificate with which a candidate may stand in for a model today; `null`: it has none that holds. */
export function certificateFor(model: string, { stands_in }: Pick<CandidateInputs, 'stands_in'>): string | null {
  const standing = stands_in?.find((each) => each.for === model);
  const holds = standing?.state === 'granted' || standing?.state === 'watched';
  return holds ? (standing?.certificate ?? null) : null;
}
