import { costOf, unknownCost, type Cost } from '../catalog/cost.ts';
import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { JsonObject } from '../core/json.ts';
import type { Price } from '../core/price.ts';
import type { Usage } from '../core/usage.ts';

/** What is billed apart from tokens, or by prices that no table here holds, by its path in the client's body. */
const BILLED_APART = /^(?:inference_geo|speed|container|mcp_servers)$|^tools\[/;
/** Service tiers that are the vendor's standard. */
const STANDARD_TIERS: readonly string[] = ['auto', 'default', 'standard', 'standard_only', 'on_demand'];

/** What was answered for, and when. */
export interface Priced {
  readonly usage: Usage | null;
  /** `null`: not known. */
  readonly price: Price | null;
  readonly adapted: Pick<AdaptedRequest, 'request' | 'parameters'>;
  /** When the attempt began, in milliseconds since the Unix epoch. */
  readonly wallTimeMs: number;
}

/**
 * What an answer cost. What the vendor itself says it charges counts before anything reckoned here; no tokens at
 * all for an answer is no count.
 */
export function costOfAnswer({ usage, price, adapted, wallTimeMs }: Priced): Cost {
  if (usage === null || usage.totalTokens === 0) return unknownCost('the vendor reported no usage');
  const reckoned = reckon(usage, price, adapted, wallTimeMs);
  if (usage.costNanoUsd === undefined) return reckoned;
  return { ...reckoned, nanoUsd: usage.costNanoUsd, unknown: null };
}

function reckon(usage: Usage, price: Price | null, adapted: Priced['adapted'], wallTimeMs: number): Cost {
  if (price === null) return unknownCost('no price is known for the model');
  const apart = usage.billedApart ?? billedApart(adapted, price);
  if (apart !== null) return unknownCost(`\`${apart}\` is billed apart`);
  // The vendor charges for the tier that served, also where it is not the one that was asked for.
  const tier = usage.servedTier ?? adapted.parameters['service_tier'];
  const serviceTier = typeof tier !== 'string' || STANDARD_TIERS.includes(tier) ? null : tier;
  return costOf(usage, price, { wallTimeMs, serviceTier });
}

/** What of the request is billed apart; `null` when nothing is. */
function billedApart({ request, parameters }: Priced['adapted'], price: Price): string | null {
  if (parameters['web_search_options'] !== undefined) return 'web_search_options';
  const path = request.protocolFields.find((each) => BILLED_APART.test(each));
  return path ?? (price.soundApart && hasSound(request) ? 'audio' : null);
}

function hasSound({ messages }: ChatRequest): boolean {
  return messages.some(({ content }) => content.some(({ type }) => type === 'audio'));
}

/**
 * The price in force in the config's words (USD per million tokens), with its date and source, and the arithmetic:
 * tokens times price, line by line. `null` when no price is known and the vendor did not say what it charges.
 */
export function recordedPrice(price: Price | null, cost: Cost | null, isReported: boolean): JsonObject | null {
  if (price === null && !isReported) return null;
  const rates = cost?.rates ?? null;
  return {
    in: rates?.input ?? null,
    out: rates?.output ?? null,
    cached: rates?.cachedInput ?? null,
    cache_write: rates?.cacheWrite ?? null,
    cache_write_1h: rates?.cacheWriteOneHour ?? null,
    as_of: price?.asOf ?? null,
    source: price?.source ?? null,
    basis: isReported ? 'reported' : 'list',
    terms: cost?.terms ?? null,
    lines: (cost?.lines ?? []).map(({ bucket, tokens, usdPerMillion }) => ({
      bucket,
      tokens,
      usd_per_million: usdPerMillion,
    })),
    nano_usd: cost?.nanoUsd ?? null,
    unknown: cost?.unknown ?? null,
  };
}
