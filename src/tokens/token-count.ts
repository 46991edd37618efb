import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';

/** How many tokens a prompt has, and how sure that is. */
export interface TokenCount {
  readonly count: number;
  /** `exact`: counted with the vendor's own vocabulary and frame; `estimated`: `count` ± `errorBand`. */
  readonly method: 'exact' | 'estimated';
  /** The share of `count` that nine of ten true counts lie within, on either side; 0 for an exact one. */
  readonly errorBand: number;
  /** Whether something could not be counted (a file, sound, an image of unknown size): the true count is larger. */
  readonly isLowerBound: boolean;
}

/** What of a request its model reads. */
export type CountedPrompt = Pick<ChatRequest, 'messages' | 'tools' | 'responseFormat'> &
  Partial<Pick<ChatRequest, 'embedding'>>;

/** Whose tokens are counted. */
export type CountedModel = Pick<Deployment, 'kind' | 'modelId' | 'simulated'>;
