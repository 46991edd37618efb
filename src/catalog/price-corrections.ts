import type { PricePeriod, Rates } from '../core/price.ts';
import type { PriceWindow } from '../core/price-window.ts';

/** Prices written by hand, where the lists cannot say them or are known to be wrong. */
export interface CorrectedPrice {
  readonly kind: string;
  readonly modelIds: readonly string[];
  readonly periods: readonly PricePeriod[];
  readonly source: string;
  readonly asOf: string;
}

const BEIJING = 'Asia/Shanghai';
const PEAK_HOURS: PriceWindow['hours'] = [
  ['09:00', '12:00'],
  ['14:00', '18:00'],
];
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const WORKDAYS = [1, 2, 3, 4, 5];
/** Peak hours came with this day; with the later one, weekends are off-peak throughout. Both begin at midnight in Beijing. */
const PEAK_HOURS_FROM = '2026-08-17T00:00:00+08:00';
const QUIET_WEEKENDS_FROM = '2026-08-23T00:00:00+08:00';
/** By this day answers for the retired names are known to come from `deepseek-v4-flash`. */
const ALIASES_FROM = '2026-06-10T00:00:00+08:00';

const PAGE = 'api-docs.deepseek.com/quick_start/pricing';

function rates(input: number, output: number, cachedInput: number): Rates {
  return { input, output, cachedInput, cacheWrite: null, cacheWriteOneHour: null };
}

function period(
  price: Rates,
  when: Pick<PricePeriod, 'from' | 'until'>,
  window: PriceWindow | null = null,
): PricePeriod {
  return { ...when, window, tiers: [{ promptTokensAbove: 0, ...price }] };
}

/** The one flat price of before, then off-peak and twice that at peak. */
function v4Periods(flat: Rates, offPeak: Rates, peak: Rates, from: string | null = null): readonly PricePeriod[] {
  const window = (weekdays: readonly number[]): PriceWindow => ({ zone: BEIJING, weekdays, hours: PEAK_HOURS });
  return [
    period(peak, { from: QUIET_WEEKENDS_FROM, until: null }, window(WORKDAYS)),
    period(peak, { from: PEAK_HOURS_FROM, until: QUIET_WEEKENDS_FROM }, window(EVERY_DAY)),
    period(offPeak, { from: PEAK_HOURS_FROM, until: null }),
    period(flat, { from, until: PEAK_HOURS_FROM }),
  ];
}

const V4_FLASH = [rates(0.14, 0.28, 0.0028), rates(0.22, 0.66, 0.007), rates(0.44, 1.32, 0.014)] as const;
const V4_PRO = [rates(0.435, 0.87, 0.003625), rates(0.66, 1.98, 0.022), rates(1.32, 3.96, 0.044)] as const;
const V3_2 = rates(0.28, 0.42, 0.028);

export const CORRECTED_PRICES: readonly CorrectedPrice[] = [
  {
    kind: 'deepseek',
    modelIds: ['deepseek-v4-flash'],
    periods: v4Periods(...V4_FLASH),
    source: PAGE,
    asOf: '2026-09-23',
  },
  { kind: 'deepseek', modelIds: ['deepseek-v4-pro'], periods: v4Periods(...V4_PRO), source: PAGE, asOf: '2026-09-23' },
  {
    kind: 'deepseek',
    modelIds: ['deepseek-chat', 'deepseek-reasoner'],
    periods: [
      ...v4Periods(...V4_FLASH, ALIASES_FROM),
      period(V3_2, { from: '2025-09-29T00:00:00+08:00', until: ALIASES_FROM }),
    ],
    source: PAGE,
    asOf: '2026-09-23',
  },
];

/** The real model a simulated one is priced as: `sim-<name>`, by provider kind. */
export const SIMULATED_AS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { 'gpt-4o': 'gpt-4o', 'gpt-4o-mini': 'gpt-4o-mini' },
  anthropic: { 'claude-opus': 'claude-opus-4-8', 'claude-haiku': 'claude-haiku-4-5' },
  google: { 'gemini-flash': 'gemini-2.5-flash', 'gemini-pro': 'gemini-2.5-pro' },
  deepseek: { 'deepseek-chat': 'deepseek-chat', 'deepseek-reasoner': 'deepseek-reasoner' },
};

/** Kinds whose models are priced by another's list. */
export const PRICED_AS: Readonly<Record<string, string>> = { vertex: 'google' };

interface ServiceTierRule {
  readonly kind: string;
  readonly models: RegExp;
  readonly tiers: Readonly<Record<string, number>>;
}

/** What service tiers cost, as factors of the standard price. Read 2026-09-23 on the vendors' pages of the seeds. */
export const SERVICE_TIERS: readonly ServiceTierRule[] = [
  { kind: 'openai', models: /^gpt-5(?:-nano)?(?:-20|$)|^gpt-5-mini|^o3(?:-20|$)|^o4-mini/, tiers: { flex: 0.5 } },
  { kind: 'google', models: /^gemini-3\.[5678]-flash/, tiers: { flex: 0.5 } },
];

/** What the regional hosts of a vendor cost more, for models released since a day. */
interface RegionalRule {
  readonly kind: string;
  readonly host: RegExp;
  readonly models: RegExp;
  readonly factor: number;
}

/**
 * OpenAI's regional hosts, for models released on 2026-03-05 or later, of which gpt-5.4 was the first.
 * Source: developers.openai.com/api/docs/guides/data-residency.
 */
export const REGIONAL_RULES: readonly RegionalRule[] = [
  {
    kind: 'openai',
    host: /^(?:us|eu|au|in|jp|ae)\.api\.openai\.com$/,
    models: /^gpt-(?:5\.[4-9]|[6-9])/,
    factor: 1.1,
  },
];
