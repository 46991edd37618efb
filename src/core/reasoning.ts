/** How much a model is to think, in OpenAI's words, from not at all to as much as it can. */
export const REASONING_LEVELS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

export type ReasoningLevel = (typeof REASONING_LEVELS)[number];

/** Bounds of a token budget, without the 0 that switches thinking off. */
export interface BudgetBounds {
  readonly min: number;
  readonly max: number;
  /** Whether it takes `MODEL_CHOOSES`. */
  readonly canChoose: boolean;
  /** Whether thoughts count as output, so that the budget must be below the output cap. */
  readonly belowCap: boolean;
}

/** How one model can be told to think. */
export interface ReasoningFacts {
  /** The levels it takes, `none` among them where it can leave thinking off. */
  readonly levels: readonly ReasoningLevel[];
  /** The levels which the vendor itself takes for others, where that is not the nearest below. */
  readonly stands?: Readonly<Partial<Record<ReasoningLevel, ReasoningLevel>>>;
  /**
   * How a level is said to it: by its name; by its name, with thinking switched on beside it; or by a
   * budget, because it knows no levels.
   */
  readonly said: 'name' | 'adaptive' | 'budget';
  /** `null`: it takes no budget. */
  readonly budget: BudgetBounds | null;
  /** Whether it takes a level and a budget in one request. */
  readonly takesBoth: boolean;
  /** Whether it thinks when nobody asks. */
  readonly byDefault: boolean;
  /** Whether it takes no sampling parameters while it thinks. */
  readonly excludesSampling: boolean;
  /** Whether it cannot think when it must call a tool, or when the client has begun its answer. */
  readonly excludesForcedTool: boolean;
}

/**
 * The tokens of each level, as Google's own OpenAI-compatible endpoint maps them; the levels above
 * `high`, which it does not have, are ours.
 */
const LEVEL_BUDGETS: Readonly<Record<Exclude<ReasoningLevel, 'none'>, number>> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 49_152,
  max: 98_304,
};

/** The budget with which a model is told to choose its budget itself, in Gemini's words. */
export const MODEL_CHOOSES = -1;

/** Whether the value names a level. */
export function isReasoningLevel(value: unknown): value is ReasoningLevel {
  return REASONING_LEVELS.some((level) => level === value);
}

/**
 * The level of those a model takes that is nearest to the asked one: the next lower, else the next
 * higher. A model is not switched off for want of a small level. `null`: it takes none.
 */
export function nearestLevel(
  asked: ReasoningLevel,
  { levels: taken, stands }: Pick<ReasoningFacts, 'levels' | 'stands'>,
): ReasoningLevel | null {
  if (taken.includes(asked)) return asked;
  const told = stands?.[asked];
  if (told !== undefined) return told;
  const place = REASONING_LEVELS.indexOf(asked);
  const thinking = REASONING_LEVELS.filter((level) => level !== 'none' && taken.includes(level));
  return thinking.findLast((level) => REASONING_LEVELS.indexOf(level) < place) ?? thinking[0] ?? null;
}

/** The lowest level that has as many tokens as the budget; `none` for a budget of none. */
export function levelOfBudget(budget: number): ReasoningLevel {
  if (budget <= 0) return 'none';
  return REASONING_LEVELS.find((level) => level !== 'none' && LEVEL_BUDGETS[level] >= budget) ?? 'max';
}

/** The tokens of a level within the bounds. */
export function budgetOfLevel(level: Exclude<ReasoningLevel, 'none'>, { min, max }: BudgetBounds): number {
  return Math.min(Math.max(LEVEL_BUDGETS[level], min), max);
}
