/**
 * What one model costs at one deployment, in USD per million tokens. A bucket without a price of
 * its own is `null`: tokens in it make the cost unknown, never free.
 */
export interface Price {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  readonly cachedInputUsdPerMillion: number | null;
  readonly cacheWriteUsdPerMillion: number | null;
  /** Up to how many tokens of prompt the price holds; beyond it the vendor asks another one. `null`: for every length. */
  readonly promptTokensUpTo: number | null;
  /** ISO date on which the price was read. */
  readonly asOf: string;
  /** Where it was read: a vendor's page, or the config line. */
  readonly source: string;
}
