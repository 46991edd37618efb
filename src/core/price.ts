import { parseIsoTime } from './iso-time.ts';
import { holdsAt, type PriceWindow } from './price-window.ts';

/** USD per million tokens. A bucket without a price of its own is `null`: tokens in it make the cost unknown, never free. */
export interface Rates {
  readonly input: number;
  /** `null` for models that write nothing, such as those of embeddings. */
  readonly output: number | null;
  readonly cachedInput: number | null;
  /** What goes to a cache for five minutes, or for as long as the vendor keeps it where it has one kind only. */
  readonly cacheWrite: number | null;
  readonly cacheWriteOneHour: number | null;
}

/** The rates of prompts longer than a number of tokens; they hold for the whole request. */
export interface PriceTier extends Rates {
  readonly promptTokensAbove: number;
}

/** A price that holds for some time: from, until (ISO, `null`: open), and within the hours of a window. */
export interface PricePeriod {
  readonly from: string | null;
  readonly until: string | null;
  readonly window: PriceWindow | null;
  /** By length of prompt, ascending; the first is above 0. */
  readonly tiers: readonly PriceTier[];
}

/** What a price is made of. */
export interface PriceTerms {
  /** The first that holds counts. */
  readonly periods: readonly PricePeriod[];
  /** ISO date on which it was read. */
  readonly asOf: string;
  /** Where it was read: a vendor's page, or the config line. */
  readonly source: string;
  /** What the deployment's region costs more, as a factor; 1 where it costs nothing. */
  readonly regionalFactor: number;
  /** What the vendor's service tiers cost, as factors; one that is not here has no known price. */
  readonly serviceTiers: Readonly<Record<string, number>>;
  /** Whether sound has a price of its own, which usage does not tell apart. */
  readonly soundApart: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What one model costs at one deployment, by date, hour and length of prompt. */
export class Price implements PriceTerms {
  readonly periods: readonly PricePeriod[];
  readonly asOf: string;
  readonly source: string;
  readonly regionalFactor: number;
  readonly serviceTiers: Readonly<Record<string, number>>;
  readonly soundApart: boolean;
  /** Which period holds in the minute that was last asked for: windows need a calendar, and every answer asks. */
  #held: { readonly minute: number; readonly period: PricePeriod | null } | null = null;

  constructor(terms: PriceTerms) {
    this.periods = terms.periods;
    this.asOf = terms.asOf;
    this.source = terms.source;
    this.regionalFactor = terms.regionalFactor;
    this.serviceTiers = terms.serviceTiers;
    this.soundApart = terms.soundApart;
  }

  /** The period in force at a time (milliseconds since the Unix epoch); `null` when none is known. */
  periodAt(wallTimeMs: number): PricePeriod | null {
    const minute = Math.floor(wallTimeMs / MINUTE_MS);
    if (this.#held?.minute !== minute) {
      const period = this.periods.find((each) => isInForce(each, minute * MINUTE_MS)) ?? null;
      this.#held = { minute, period };
    }
    return this.#held.period;
  }

  /** The rates in force for a prompt of that length, the region's factor in them; `null` when none are known. */
  ratesAt(wallTimeMs: number, promptTokens: number): Rates | null {
    const tier = this.periodAt(wallTimeMs)?.tiers.findLast((each) => promptTokens > each.promptTokensAbove);
    // A prompt of no tokens is of the first tier.
    const rates = tier ?? this.periodAt(wallTimeMs)?.tiers[0] ?? null;
    return rates === null ? null : timesFactor(rates, this.regionalFactor);
  }

  /** Days since it was read. */
  ageDays(wallTimeMs: number): number {
    return Math.max(0, Math.floor((wallTimeMs - Date.parse(this.asOf)) / DAY_MS));
  }
}

/** From what age on a price is worth a warning. */
export const OLD_PRICE_DAYS = 30;

/** The rates, each times the factor. */
export function timesFactor(rates: Rates, factor: number): Rates {
  if (factor === 1) return rates;
  const times = (rate: number): number => Math.round(rate * factor * 1e6) / 1e6;
  const timesOrNull = (rate: number | null): number | null => (rate === null ? null : times(rate));
  return {
    input: times(rates.input),
    output: timesOrNull(rates.output),
    cachedInput: timesOrNull(rates.cachedInput),
    cacheWrite: timesOrNull(rates.cacheWrite),
    cacheWriteOneHour: timesOrNull(rates.cacheWriteOneHour),
  };
}

/** One that holds always, for prompts of every length. */
export function flatPrice(rates: Rates, read: { readonly asOf: string; readonly source: string }): Price {
  return new Price({
    periods: [{ from: null, until: null, window: null, tiers: [{ promptTokensAbove: 0, ...rates }] }],
    ...read,
    regionalFactor: 1,
    serviceTiers: {},
    soundApart: false,
  });
}

function isInForce({ from, until, window }: PricePeriod, wallTimeMs: number): boolean {
  if (from !== null && wallTimeMs < (parseIsoTime(from) ?? Infinity)) return false;
  if (until !== null && wallTimeMs >= (parseIsoTime(until) ?? -Infinity)) return false;
  return window === null || holdsAt(window, wallTimeMs);
}
