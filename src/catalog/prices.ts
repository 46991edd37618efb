import type { NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { Usage } from '../core/usage.ts';
import { PRICE_TABLE, type PriceRow } from './price-table.ts';

/** The dates vendors put at the end of a snapshot's name: `-2024-08-06` (OpenAI), `-20251001` (Anthropic). */
const DATED_SUFFIX = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

const SIMULATED_PREFIX = 'sim-';

/**
 * The list price of a vendor's model, `null` when it is not in the table. The name must match exactly
 * or after its dated suffix is taken off; a name that is merely alike has no price. `sim-<model>`, the
 * name a simulated model goes by, has the price of the real model it stands for.
 */
export function priceOf(kind: string, modelId: string): Price | null {
  const row = findRow(kind, modelId);
  if (row === undefined) return null;
  return {
    inputUsdPerMillion: row.input,
    outputUsdPerMillion: row.output,
    cachedInputUsdPerMillion: row.cachedInput,
    cacheWriteUsdPerMillion: row.cacheWrite,
    asOf: row.asOf,
    source: row.source,
    promptTokensUpTo: row.promptTokensUpTo,
  };
}

function findRow(kind: string, modelId: string): PriceRow | undefined {
  const rows = PRICE_TABLE.filter((row) => row.kind === kind);
  if (modelId.startsWith(SIMULATED_PREFIX)) {
    const name = modelId.slice(SIMULATED_PREFIX.length);
    return rows.find((row) => row.simulatedAs === name);
  }
  const undated = modelId.replace(DATED_SUFFIX, '');
  return rows.find((row) => row.modelId === modelId) ?? rows.find((row) => row.modelId === undated);
}

/** One USD per million tokens is a million pico-USD per token. */
const PICO_PER_TOKEN = 1_000_000;
const PICO_PER_NANO = 1000n;

/**
 * What the tokens cost at the price, in whole nano-USD, rounded half up once at the end. Cached and
 * cache-writing tokens are part of `promptTokens` and priced apart from the rest; a bucket the vendor
 * did not mention counts as empty (vendors leave it out when it is). `null` when a token's price is
 * not known, when the prompt is longer than the price holds for, or when the counts contradict each other.
 */
export function costOf(usage: Usage, price: Price): NanoUsd | null {
  if (price.promptTokensUpTo !== null && usage.promptTokens > price.promptTokensUpTo) return null;
  const cached = usage.cachedTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const picoUsd = sumOrNull([
    bucketCost(usage.promptTokens - cached - written, price.inputUsdPerMillion),
    bucketCost(cached, price.cachedInputUsdPerMillion),
    bucketCost(written, price.cacheWriteUsdPerMillion),
    bucketCost(usage.completionTokens, price.outputUsdPerMillion),
  ]);
  return picoUsd === null ? null : Number((picoUsd + PICO_PER_NANO / 2n) / PICO_PER_NANO);
}

/** Pico-USD of one bucket; `null` when it has tokens without a price, or a count no vendor can mean. */
function bucketCost(tokens: number, usdPerMillion: number | null): bigint | null {
  if (!Number.isSafeInteger(tokens) || tokens < 0) return null;
  if (tokens === 0) return 0n;
  if (usdPerMillion === null) return null;
  return BigInt(tokens) * BigInt(Math.round(usdPerMillion * PICO_PER_TOKEN));
}

function sumOrNull(parts: readonly (bigint | null)[]): bigint | null {
  let sum = 0n;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}
