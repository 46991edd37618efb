/** Why Candor asks beside what clients ask. */
export const PURPOSES = ['replay', 'compare', 'shadow', 'judge', 'agreement'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What makes a question one of Candor's own. It obeys the same policy, is recorded and marked, and counts in no live figure. */
export interface Aside {
  readonly purpose: Purpose;
  /** The generation it is about; `null`: none. */
  readonly of: string | null;
  /** The only model that may answer, under the prompt of the route; `null`: whoever the plan names. Of a second opinion also one that the route does not try. */
  readonly model: string | null;
  /** The model in whose place it is asked, so that it gets the brief of a fallback; `null`: nobody's. */
  readonly inPlaceOf: string | null;
}
