import type { JsonObject } from './json.ts';

/** Where a token count comes from: the vendor, or Candor's own count of an answer that broke off. */
export type UsageSource = 'reported' | 'estimated';

/**
 * Tokens of one attempt, in OpenAI's sense: `promptTokens` includes the cached ones and
 * `completionTokens` the reasoning. `null` is "the vendor did not say", never zero.
 */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  readonly cachedTokens: number | null;
  readonly cacheWriteTokens: number | null;
  /** Of `cacheWriteTokens`, those that are kept for an hour, which costs more. Absent: the vendor has one kind only. */
  readonly cacheWriteOneHourTokens?: number | null;
  readonly reasoningTokens: number | null;
  readonly source: UsageSource;
  /** What the vendor itself says it charges, in nano-USD. Absent: it does not say. */
  readonly costNanoUsd?: number;
  /** The service tier that served, in the vendor's word, which need not be the one that was asked for. Absent: it does not say. */
  readonly servedTier?: string;
  /** What the report names that is billed otherwise than by these tokens, in the vendor's word. Absent: nothing. */
  readonly billedApart?: string;
}

/** Tokens that no vendor reported: counted, or assumed, by Candor. */
export function estimatedUsage(promptTokens: number, completionTokens: number): Usage {
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    cachedTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    source: 'estimated',
  };
}

/** The tokens of two parts of one answer. What is unknown of one is unknown of both. */
export function sumUsage(a: Usage, b: Usage): Usage {
  const sum = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x + y);
  const hour = sum(a.cacheWriteOneHourTokens ?? null, b.cacheWriteOneHourTokens ?? null);
  const hasCost = a.costNanoUsd !== undefined && b.costNanoUsd !== undefined;
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    cachedTokens: sum(a.cachedTokens, b.cachedTokens),
    cacheWriteTokens: sum(a.cacheWriteTokens, b.cacheWriteTokens),
    ...(hour === null ? {} : { cacheWriteOneHourTokens: hour }),
    reasoningTokens: sum(a.reasoningTokens, b.reasoningTokens),
    source: a.source,
    ...(hasCost ? { costNanoUsd: (a.costNanoUsd ?? 0) + (b.costNanoUsd ?? 0) } : {}),
  };
}

/** More than any model reads or writes for one answer: a larger count is a mistake of whoever reports it. */
const MAX_TOKENS = 1_000_000_000;

/** What a vendor's report of its usage comes to. */
export interface UsageReport {
  /** `null` when the report does not say what was read and written, or says what cannot be. */
  readonly usage: Usage | null;
  /**
   * `usage_unreadable`: a count is no number of tokens and taken as unknown. `usage_inconsistent`:
   * the counts contradict each other and stand as they were reported.
   */
  readonly flags: readonly string[];
}

const NO_REPORT: UsageReport = { usage: null, flags: [] };
const UNREADABLE: UsageReport = { usage: null, flags: ['usage_unreadable'] };

/** Reads the token counts of one report, by the vendor's names for them. */
export class TokenCounts {
  readonly #report: JsonObject;
  #isUnreadable = false;

  constructor(report: JsonObject) {
    this.#report = report;
  }

  /** Whether any count read so far was none: negative, a fraction, beyond measure, a text. */
  get isUnreadable(): boolean {
    return this.#isUnreadable;
  }

  /** The count of that name; `null` when it was not said or is none. */
  read(name: string, holder: JsonObject = this.#report): number | null {
    const value = holder[name] ?? null;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value;
    this.#isUnreadable ||= value !== null;
    return null;
  }

  /** A report without a usage in it. */
  unknown(): UsageReport {
    return this.#isUnreadable ? UNREADABLE : NO_REPORT;
  }

  /** The usage that was read. */
  known(counts: Omit<Usage, 'source'>): UsageReport {
    const { flags } = this.unknown();
    const { promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = counts;
    const cache = (cachedTokens ?? 0) + (cacheWriteTokens ?? 0);
    const isInconsistent = (reasoningTokens ?? 0) > completionTokens || cache > promptTokens;
    return {
      usage: { ...counts, source: 'reported' },
      flags: isInconsistent ? [...flags, 'usage_inconsistent'] : flags,
    };
  }
}
