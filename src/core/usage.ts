/** Where a token count comes from. */
export type UsageSource = 'reported';

/**
 * Tokens of one attempt, in OpenAI's sense: `promptTokens` includes the cached ones and
 * `completionTokens` the reasoning. `null` is "the vendor did not say", never zero.
 */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  readonly cachedTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly source: UsageSource;
}
