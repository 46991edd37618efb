import type { NanoUsd } from '../core/money.ts';
import { timesFactor, type Price, type Rates } from '../core/price.ts';
import { windowText } from '../core/price-window.ts';
import type { Usage } from '../core/usage.ts';

/** Tokens of one kind, and what a million of them costs in USD; `null`: not known. */
export interface CostLine {
  readonly bucket: 'input' | 'cached' | 'cache_write' | 'cache_write_1h' | 'output';
  readonly tokens: number;
  readonly usdPerMillion: number | null;
}

/** What an answer cost, with the arithmetic. */
export interface Cost {
  /** The lines' sum, in whole nano-USD, rounded half up once; or what the vendor says itself. `null`: not known. */
  readonly nanoUsd: NanoUsd | null;
  /** The rates in force, with the factors of region and service tier in them; `null` when none were. */
  readonly rates: Rates | null;
  /** The kinds of tokens there were. No token is in two, and together they are the vendor's total; none where these contradict each other. */
  readonly lines: readonly CostLine[];
  /** What chose the rates beside the model: dates, hours, length, region, tier; `null`: nothing did. */
  readonly terms: string | null;
  /** Why the cost is not known; `null` where it is. */
  readonly unknown: string | null;
}

/** What decides a price beside the tokens. */
export interface CostContext {
  /** When the attempt began, in milliseconds since the Unix epoch. */
  readonly wallTimeMs: number;
  /** The vendor's service tier that was asked for; `null`: its standard. */
  readonly serviceTier: string | null;
}

/** One USD per million tokens is a million pico-USD per token. */
const PICO_PER_TOKEN = 1_000_000;
const PICO_PER_NANO = 1000;

/**
 * What the tokens cost at the price, as a vendor reckons it: the whole request at the rates of its time and of
 * its prompt's length. Cached and cache-writing tokens are part of `promptTokens` and priced apart from the rest;
 * a bucket the vendor did not mention counts as empty (vendors leave it out when it is).
 */
export function costOf(usage: Usage, price: Price, { wallTimeMs, serviceTier }: CostContext): Cost {
  const period = price.periodAt(wallTimeMs);
  const listed = price.ratesAt(wallTimeMs, usage.promptTokens);
  const tierFactor = serviceTier === null ? 1 : (price.serviceTiers[serviceTier] ?? null);
  if (period === null || listed === null) return unknownCost('no price is known for that day');
  if (tierFactor === null) return unknownCost(`no price is known for the service tier ${String(serviceTier)}`);
  const rates = timesFactor(listed, tierFactor);
  const contradicted = contradiction(usage);
  const lines = contradicted === null ? linesOf(usage, rates) : [];
  const unknown = contradicted ?? gap(lines);
  const terms: string[] = [];
  if (period.from !== null) terms.push(`from ${period.from}`);
  if (period.until !== null) terms.push(`until ${period.until}`);
  if (period.window !== null) terms.push(windowText(period.window));
  const above = period.tiers.findLast((tier) => usage.promptTokens > tier.promptTokensAbove)?.promptTokensAbove ?? 0;
  if (above > 0) terms.push(`prompts above ${above} tokens`);
  if (price.regionalFactor !== 1) terms.push(`region x${price.regionalFactor}`);
  if (tierFactor !== 1) terms.push(`${String(serviceTier)} x${tierFactor}`);
  return {
    nanoUsd: unknown === null ? sum(lines) : null,
    rates,
    lines,
    terms: terms.length === 0 ? null : terms.join(', '),
    unknown,
  };
}

/** A cost nobody can know, and why. */
export function unknownCost(reason: string): Cost {
  return { nanoUsd: null, rates: null, lines: [], terms: null, unknown: reason };
}

function linesOf(usage: Usage, rates: Rates): readonly CostLine[] {
  const { promptTokens, completionTokens } = usage;
  const cached = usage.cachedTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const hour = usage.cacheWriteOneHourTokens ?? 0;
  const lines: CostLine[] = [];
  const add = (bucket: CostLine['bucket'], tokens: number, usdPerMillion: number | null): void => {
    if (tokens !== 0) lines.push({ bucket, tokens, usdPerMillion });
  };
  add('input', promptTokens - cached - written, rates.input);
  add('cached', cached, rates.cachedInput);
  add('cache_write', written - hour, rates.cacheWrite);
  add('cache_write_1h', hour, rates.cacheWriteOneHour);
  add('output', completionTokens, rates.output);
  return lines;
}

/** What in the vendor's report cannot be: such a report is no ground for a sum. */
function contradiction(usage: Usage): string | null {
  const { promptTokens, completionTokens, totalTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = usage;
  const written = cacheWriteTokens ?? 0;
  const counts = [promptTokens, completionTokens, cachedTokens ?? 0, written, usage.cacheWriteOneHourTokens ?? 0];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return 'a reported count is no count';
  if ((cachedTokens ?? 0) + written > promptTokens) return 'more tokens are reported as cached than as read';
  if ((usage.cacheWriteOneHourTokens ?? 0) > written)
    return 'more tokens are reported as cached for an hour than at all';
  if ((reasoningTokens ?? 0) > completionTokens) return 'more tokens are reported as reasoning than as written';
  const isSum = promptTokens + completionTokens === totalTokens;
  return isSum
    ? null
    : `${promptTokens} read and ${completionTokens} written are not the ${totalTokens} reported in all`;
}

function gap(lines: readonly CostLine[]): string | null {
  const line = lines.find(({ usdPerMillion }) => usdPerMillion === null);
  return line === undefined ? null : `no price is known for tokens of the kind ${line.bucket}`;
}

function sum(lines: readonly CostLine[]): NanoUsd {
  let pico = 0;
  for (const { tokens, usdPerMillion } of lines) pico += tokens * Math.round((usdPerMillion ?? 0) * PICO_PER_TOKEN);
  if (Number.isSafeInteger(pico)) return Math.floor((pico + PICO_PER_NANO / 2) / PICO_PER_NANO);
  return Number((exactSum(lines) + BigInt(PICO_PER_NANO / 2)) / BigInt(PICO_PER_NANO));
}

/** The same where a number does not hold it: from nine thousand dollars on. */
function exactSum(lines: readonly CostLine[]): bigint {
  let pico = 0n;
  for (const { tokens, usdPerMillion } of lines)
    pico += BigInt(tokens) * BigInt(Math.round((usdPerMillion ?? 0) * PICO_PER_TOKEN));
  return pico;
}
