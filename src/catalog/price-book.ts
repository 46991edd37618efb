import { Price, type PricePeriod, type PriceTerms, type PriceTier } from '../core/price.ts';
import { CORRECTED_PRICES, PRICED_AS, REGIONAL_RULES, SERVICE_TIERS, SIMULATED_AS } from './price-corrections.ts';
import { SEED, SEED_PAGES, SEEDED_PRICES } from './seeded-prices.ts';

type ListedPrice = Pick<PriceTerms, 'periods' | 'asOf' | 'source' | 'soundApart'>;

/** By `<kind>/<vendor's name of the model>`. */
const LISTED: ReadonlyMap<string, ListedPrice> = listedPrices();

/** The newest day from which prices of this version are known. */
export const PRICES_AS_OF: string = [...LISTED.values()].reduce(
  (newest, { asOf }) => (asOf > newest ? asOf : newest),
  '',
);

/** The dates vendors put at the end of a snapshot's name: `-2024-08-06` (OpenAI), `-20251001` (Anthropic). */
const DATED_SUFFIX = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;
const SIMULATED_PREFIX = 'sim-';

/**
 * The list price of a vendor's model at a deployment of that URL, `null` when it is not known. The name must
 * match exactly or after its dated suffix is taken off; a name that is merely alike has no price.
 * `sim-<model>`, the name a simulated model goes by, has the price of the real model it stands for.
 */
export function priceOf(kind: string, modelId: string, url: string): Price | null {
  const simulated = modelId.startsWith(SIMULATED_PREFIX) ? modelId.slice(SIMULATED_PREFIX.length) : null;
  const name = simulated === null ? modelId : own(own(SIMULATED_AS, kind), simulated);
  if (name === undefined) return null;
  const list = own(PRICED_AS, kind) ?? kind;
  const listed = LISTED.get(`${list}/${name}`) ?? LISTED.get(`${list}/${name.replace(DATED_SUFFIX, '')}`);
  if (listed === undefined) return null;
  return new Price({
    ...listed,
    regionalFactor: regionalFactor(list, name, url),
    serviceTiers: SERVICE_TIERS.find((rule) => rule.kind === list && rule.models.test(name))?.tiers ?? {},
  });
}

function own<Value>(map: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

function regionalFactor(kind: string, modelId: string, url: string): number {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const rule = REGIONAL_RULES.find((each) => each.kind === kind && each.host.test(host) && each.models.test(modelId));
  return rule?.factor ?? 1;
}

function listedPrices(): ReadonlyMap<string, ListedPrice> {
  const listed = new Map<string, ListedPrice>();
  for (const line of SEEDED_PRICES.trim().split('\n')) addSeed(line.split('|'), listed);
  for (const { kind, modelIds, periods, source, asOf } of CORRECTED_PRICES) {
    for (const modelId of modelIds) listed.set(`${kind}/${modelId}`, { periods, source, asOf, soundApart: false });
  }
  return listed;
}

/** Adds a line's tier to the period of its dates, which its other tiers precede. */
function addSeed(fields: readonly string[], listed: Map<string, ListedPrice>): void {
  const [kind = '', names = '', from = '', until = '', above = '', ...rates] = fields;
  const [input, output, cachedInput, cacheWrite, cacheWriteOneHour] = rates.map((rate) =>
    rate === '' ? null : Number(rate),
  );
  const tier: PriceTier = {
    promptTokensAbove: Number(above),
    input: input ?? Number.NaN,
    output: output ?? null,
    cachedInput: cachedInput ?? null,
    cacheWrite: cacheWrite ?? null,
    cacheWriteOneHour: cacheWriteOneHour ?? null,
  };
  const dates = { from: from === '' ? null : from, until: until === '' ? null : until };
  for (const name of names.split(',')) {
    const before = listed.get(`${kind}/${name}`);
    listed.set(`${kind}/${name}`, {
      periods: withTier(before?.periods ?? [], tier, dates),
      source: `${SEED.name}: ${SEED_PAGES[kind] ?? ''}`,
      asOf: SEED.asOf,
      soundApart: rates[5] === 'sound',
    });
  }
}

function withTier(
  periods: readonly PricePeriod[],
  tier: PriceTier,
  dates: Pick<PricePeriod, 'from' | 'until'>,
): readonly PricePeriod[] {
  const last = periods.at(-1);
  if (last !== undefined && last.from === dates.from && last.until === dates.until) {
    return [...periods.slice(0, -1), { ...last, tiers: [...last.tiers, tier] }];
  }
  return [...periods, { ...dates, window: null, tiers: [tier] }];
}
