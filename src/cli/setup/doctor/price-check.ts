import { oldPrices } from '../../../catalog/old-prices.ts';
import { PRICES_AS_OF } from '../../../catalog/price-book.ts';
import type { Configuration } from '../../../core/route.ts';
import { ok, warning, type Finding } from './finding.ts';

const NEXT = 'install the newest Candor, or write the price you pay under `models.<name>.price`';

/** Whether the list prices in use have been looked up within a month. */
export function checkPrices(configuration: Configuration, nowMs: number): Finding {
  const old = oldPrices(configuration, nowMs);
  if (old === null) return ok('prices', `list of ${PRICES_AS_OF}`);
  const message = `list of ${old.asOf}, ${old.ageDays} days old`;
  return warning('prices', message, `What answers of ${old.models.join(', ')} cost may be wrong by now.`, NEXT);
}

/** The same in one line for the start of a gateway; `null` when there is nothing to say. */
export function oldPricesLine(configuration: Configuration, nowMs: number): string | null {
  const old = oldPrices(configuration, nowMs);
  if (old === null) return null;
  return `the list prices are ${old.ageDays} days old (${old.asOf}), so costs may be wrong: ${NEXT}`;
}
