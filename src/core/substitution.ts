import type { JsonObject } from './json.ts';

/** When a fallback may answer: with a certificate only, always (then marked), or never. */
export type FallbackTerms = 'certified' | 'degraded' | 'off';

/** One model as it works on one task. Whatever changes here makes it another. */
export interface ModelScope {
  /** The config's name of the model. */
  readonly model: string;
  /** The vendor's name of it. */
  readonly snapshot: string;
  /** Hash of every text of the config that goes into its prompt on this route, the fallback brief included where it stands in; `null`: there is none. */
  readonly template: string | null;
  /** Hash of the parameter rules of the route and the model; `null`: there are none. */
  readonly params: string | null;
}

/** What a certificate holds for: whether `to` may stand in for `from` on a route. */
export interface SubstitutionScope {
  readonly route: string;
  readonly from: ModelScope;
  readonly to: ModelScope;
  /** Hash of the route's validators with their options, schemas included, and of what computes the scores that are compared. */
  readonly checks: string;
  /** Scores of the task may be 2 points lower instead of 5. */
  readonly strict: boolean;
}

/** Who says what an answer is worth. */
export type ScoreSource = 'validator' | 'label' | 'judge' | 'human';

/** How pairs come about: a comparison of recorded requests, a set with known answers, live requests asked twice, a request run again. */
export type EvidenceKind = 'compare' | 'golden' | 'shadow' | 'replay';

/**
 * What two answers to one request are worth by one measure, each from 0 to 1, where 1 is good: a `refusal` of 1 did not
 * refuse. `null`: nobody knows, and the measure does without this pair.
 */
export interface PairedScore {
  /** `valid`, `refusal`, `grounded`, `agreement`, or a name of a score of the task. */
  readonly metric: string;
  readonly source: ScoreSource;
  readonly from: number | null;
  readonly to: number | null;
}

/** Two models' answers to one request. */
export interface SubstitutionPair {
  /** `pair_…`. */
  readonly id: string;
  /** Wall time at which both were known. */
  readonly atMs: number;
  readonly scope: SubstitutionScope;
  /** What was asked: the id of a generation, or a hash of what an item of a set asks. An item counts once for one certificate. */
  readonly item: string;
  /** Generation ids of the two answers; `null` where there is none. */
  readonly generations: { readonly from: string | null; readonly to: string | null };
  readonly scores: readonly PairedScore[];
  readonly design: {
    readonly kind: EvidenceKind;
    /** How the items were chosen, in a few words: `latest 50`, `share 0.02`. */
    readonly sampling: string;
  };
}

/** `granted` and `watched` let a fallback answer undegraded; every other state does not. */
export type CertificateState = 'collecting' | 'granted' | 'watched' | 'suspended' | 'expired' | 'void';

/** What is known of one substitution at one moment: a fact for the decision, and in its record. */
export interface SubstitutionStanding {
  /** `cert_…`; `null`: there has never been one. */
  readonly certificate: string | null;
  /** `none`: nobody has compared the two. */
  readonly state: CertificateState | 'none';
  /** Why, in numbers: `37 pairs, at least 60 are needed`. */
  readonly reason: string;
}

/** The figures a client may read of one substitution. */
export type CertificateView = JsonObject;
