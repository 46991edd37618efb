import type { Deployment } from '../core/deployment.ts';
import type { Secret } from '../core/secret.ts';
import type { Reask } from '../prompts/reask.ts';
import type { Pass } from '../routing/circuits.ts';

/** Who is asked next, with which key. */
export interface Turn {
  readonly deployment: Deployment;
  /** `null`: none is needed. */
  readonly credential: Secret | null;
  readonly why: 'primary' | 'retry' | 'fallback' | 'trial' | 'reask';
  /** The answer that is to be bettered; `null`: it is asked for the first time. */
  readonly reask: Reask | null;
  /** Whether a connection must be used that nobody has used before. */
  readonly isFresh: boolean;
  readonly pass: Pass;
}
