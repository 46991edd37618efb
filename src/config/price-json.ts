import type { JsonObject } from '../core/json.ts';
import type { Price } from '../core/price.ts';
import { windowText } from '../core/price-window.ts';

/** All that a price decides, without where it was read. A flat one is in the words of the config file. */
export function priceJson({ periods, asOf, regionalFactor, serviceTiers, soundApart }: Price): JsonObject {
  const rest = { as_of: asOf, regionalFactor, serviceTiers: { ...serviceTiers }, soundApart };
  const [tier, ...others] = periods.flatMap(({ tiers }) => tiers);
  const isDated = periods.some(({ from, until, window }) => from !== null || until !== null || window !== null);
  if (tier !== undefined && others.length === 0 && !isDated) {
    const { input, output, cachedInput, cacheWrite, cacheWriteOneHour } = tier;
    return { in: input, out: output, cached: cachedInput, cacheWrite, cacheWriteOneHour, ...rest };
  }
  const all = periods.map((period) => ({
    from: period.from,
    until: period.until,
    window: period.window === null ? null : windowText(period.window),
    tiers: period.tiers.map((each) => ({ ...each })),
  }));
  return { periods: all, ...rest };
}
