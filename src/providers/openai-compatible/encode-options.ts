import type { RequestDraft } from './draft.ts';

/** Where vendors of the protocol differ in what they take. */
export interface EncodeOptions {
  readonly path: string;
  /** The one name of the output cap this model takes; `null`: it takes both. */
  readonly outputCap: 'max_tokens' | 'max_completion_tokens' | null;
  /** Whether neutral values of parameters the model lacks are left out: a vendor that does not know them might refuse them. */
  readonly leavesOutNeutral: boolean;
  /** Whether the vendor knows the `developer` role. */
  readonly developerRole: boolean;
  /** Whether it takes back what it wrote under `reasoning_content`. */
  readonly takesReasoning: boolean;
  /** Whether the text of a message may be a list of parts. */
  readonly takesParts: boolean;
  /** Whether parts may say up to where the prompt is to be cached. */
  readonly cacheBreakpoints: boolean;
  /** The vendor's own last changes. */
  readonly fit?: (draft: RequestDraft) => void;
}
