import { OLD_PRICE_DAYS } from '../core/price.ts';
import type { Configuration } from '../core/route.ts';

/** List prices that are in use and have not been looked up for long. Those of the config file have a warning of their own. */
export interface OldPrices {
  /** Names of models. */
  readonly models: readonly string[];
  /** ISO date of the oldest, and days since. */
  readonly asOf: string;
  readonly ageDays: number;
}

/** `null` when none is older than 30 days. Simulated deployments cost nothing, however old their prices are. */
export function oldPrices(
  { deployments, origin }: Pick<Configuration, 'deployments' | 'origin'>,
  wallTimeMs: number,
): OldPrices | null {
  const models = new Set<string>();
  let oldest: { asOf: string; ageDays: number } | null = null;
  for (const { model, price, simulated } of deployments.values()) {
    if (simulated || price === null || price.source.startsWith(origin)) continue;
    const ageDays = price.ageDays(wallTimeMs);
    if (ageDays <= OLD_PRICE_DAYS) continue;
    models.add(model);
    if (oldest === null || ageDays > oldest.ageDays) oldest = { asOf: price.asOf, ageDays };
  }
  return oldest === null ? null : { models: [...models], ...oldest };
}
