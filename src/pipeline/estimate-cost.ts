import { costOf } from '../catalog/cost.ts';
import { usdFromNano } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import { estimatedUsage } from '../core/usage.ts';
import type { TokenCount } from '../tokens/token-count.ts';
import type { LengthSpread } from './answer-lengths.ts';

/** What a request may cost, in USD. */
export interface CostEstimate {
  /** At the usual length of an answer; `null` while that is not known. */
  readonly cost: number | null;
  /**
   * Nine of ten are within it, by what is known of prompt and answers; while nothing is known of these, from no
   * answer to one as long as it may be. `null` when one of the ends is not known.
   */
  readonly band: readonly [number, number] | null;
  /** How many answers it rests on. */
  readonly answers: number;
}

/** What the estimate is made of; each `null`: not known. */
export interface CostGrounds {
  readonly price: Price | null;
  readonly prompt: TokenCount | null;
  readonly answers: LengthSpread | null;
  /** How long an answer may be, in tokens, and how many are asked for at once. */
  readonly outputCap: number | null;
  readonly choices: number;
  /** Milliseconds since the Unix epoch. */
  readonly wallTimeMs: number;
}

/** Estimates what one attempt costs, at the price of now and without anything cached. */
export function estimateCost({ price, prompt, answers, outputCap, choices, wallTimeMs }: CostGrounds): CostEstimate {
  if (price === null || prompt === null) return { cost: null, band: null, answers: answers?.answers ?? 0 };
  const usd = (promptTokens: number, completionTokens: number): number | null =>
    usdOf(price, Math.round(promptTokens), completionTokens, wallTimeMs);
  const cap = outputCap === null ? null : outputCap * choices;
  const capped = (tokens: number): number => Math.min(tokens, cap ?? tokens);
  const longest = answers === null ? cap : capped(answers.high);
  const low = usd(prompt.count * (1 - prompt.errorBand), answers === null ? 0 : capped(answers.low));
  const isOpen = longest === null || prompt.isLowerBound;
  const high = isOpen ? null : usd(prompt.count * (1 + prompt.errorBand), longest);
  return {
    cost: answers === null || prompt.isLowerBound ? null : usd(prompt.count, capped(answers.median)),
    band: low === null || high === null ? null : [low, high],
    answers: answers?.answers ?? 0,
  };
}

function usdOf(price: Price, promptTokens: number, completionTokens: number, wallTimeMs: number): number | null {
  const usage = estimatedUsage(promptTokens, completionTokens);
  return usdFromNano(costOf(usage, price, { wallTimeMs, serviceTier: null }).nanoUsd);
}
