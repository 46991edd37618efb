import type { JsonObject } from './json.ts';

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
  /** Hash of the route's validators with their options, schemas included. */
  readonly checks: string;
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
