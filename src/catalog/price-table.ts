/** One line of the price table: what a vendor asks for one model, in USD per million tokens. */
export interface PriceRow {
  /** The provider's registry entry. */
  readonly kind: string;
  /** The vendor's own name of the model, without a date at its end unless that snapshot has a price of its own. */
  readonly modelId: string;
  readonly input: number;
  readonly output: number;
  readonly cachedInput: number | null;
  readonly cacheWrite: number | null;
  /** The price holds for prompts of at most this many tokens; `null`: for all. */
  readonly promptTokensUpTo: number | null;
  /** The simulated model whose calls are priced as this one's; `null`: none. */
  readonly simulatedAs: string | null;
  readonly source: string;
  /** ISO date for which the price is known to hold. */
  readonly asOf: string;
}

const OPENAI = { kind: 'openai', cacheWrite: null, promptTokensUpTo: null, source: 'openai.com/api/pricing' } as const;
const ANTHROPIC = {
  kind: 'anthropic',
  promptTokensUpTo: null,
  source: 'platform.claude.com/docs/en/about-claude/pricing',
} as const;
const GOOGLE = { kind: 'google', cacheWrite: null, source: 'ai.google.dev/gemini-api/docs/pricing' } as const;
const DEEPSEEK = {
  kind: 'deepseek',
  cacheWrite: null,
  promptTokensUpTo: null,
  source: 'api-docs.deepseek.com/quick_start/pricing',
} as const;

/** Opus 4.5 and its successors up to 5: one price. The cache write is that of the five-minute cache. */
const OPUS = { ...ANTHROPIC, input: 5, output: 25, cachedInput: 0.5, cacheWrite: 6.25, asOf: '2026-09-23' } as const;
const OPUS_4_1 = {
  ...ANTHROPIC,
  input: 15,
  output: 75,
  cachedInput: 1.5,
  cacheWrite: 18.75,
  asOf: '2025-12-01',
} as const;
const DEEPSEEK_V3 = { ...DEEPSEEK, input: 0.28, output: 0.42, cachedInput: 0.028, asOf: '2025-12-01' } as const;

/**
 * List prices, each with its page and date. A model that is not here has an unknown price. DeepSeek's
 * later models are left out on purpose: their price depends on the hour in Beijing, which one row cannot say.
 */
export const PRICE_TABLE: readonly PriceRow[] = [
  {
    ...OPENAI,
    modelId: 'gpt-4o',
    input: 2.5,
    output: 10,
    cachedInput: 1.25,
    simulatedAs: 'gpt-4o',
    asOf: '2026-05-27',
  },
  {
    ...OPENAI,
    modelId: 'gpt-4o-2024-05-13',
    input: 5,
    output: 15,
    cachedInput: null,
    simulatedAs: null,
    asOf: '2025-12-01',
  },
  {
    ...OPENAI,
    modelId: 'gpt-4o-mini',
    input: 0.15,
    output: 0.6,
    cachedInput: 0.075,
    simulatedAs: 'gpt-4o-mini',
    asOf: '2026-05-27',
  },
  { ...OPENAI, modelId: 'gpt-4.1', input: 2, output: 8, cachedInput: 0.5, simulatedAs: null, asOf: '2025-12-01' },
  {
    ...OPENAI,
    modelId: 'gpt-4.1-mini',
    input: 0.4,
    output: 1.6,
    cachedInput: 0.1,
    simulatedAs: null,
    asOf: '2025-12-01',
  },
  {
    ...OPENAI,
    modelId: 'gpt-4.1-nano',
    input: 0.1,
    output: 0.4,
    cachedInput: 0.025,
    simulatedAs: null,
    asOf: '2025-12-01',
  },
  { ...OPENAI, modelId: 'gpt-5', input: 1.25, output: 10, cachedInput: 0.125, simulatedAs: null, asOf: '2025-12-01' },
  {
    ...OPENAI,
    modelId: 'gpt-5-mini',
    input: 0.25,
    output: 2,
    cachedInput: 0.025,
    simulatedAs: null,
    asOf: '2025-12-01',
  },
  {
    ...OPENAI,
    modelId: 'gpt-5-nano',
    input: 0.05,
    output: 0.4,
    cachedInput: 0.005,
    simulatedAs: null,
    asOf: '2025-12-01',
  },

  {
    ...ANTHROPIC,
    modelId: 'claude-opus-5-5',
    input: 4,
    output: 20,
    cachedInput: 0.2,
    cacheWrite: 5,
    simulatedAs: null,
    asOf: '2026-09-23',
  },
  { ...OPUS, modelId: 'claude-opus-5', simulatedAs: null },
  { ...OPUS, modelId: 'claude-opus-4-8', simulatedAs: 'claude-opus' },
  { ...OPUS, modelId: 'claude-opus-4-7', simulatedAs: null },
  { ...OPUS, modelId: 'claude-opus-4-6', simulatedAs: null },
  { ...OPUS, modelId: 'claude-opus-4-5', simulatedAs: null },
  { ...OPUS_4_1, modelId: 'claude-opus-4-1', simulatedAs: null },
  { ...OPUS_4_1, modelId: 'claude-opus-4', simulatedAs: null },
  {
    ...ANTHROPIC,
    modelId: 'claude-haiku-4-5',
    input: 1,
    output: 5,
    cachedInput: 0.1,
    cacheWrite: 1.25,
    simulatedAs: 'claude-haiku',
    asOf: '2026-09-23',
  },

  {
    ...GOOGLE,
    modelId: 'gemini-2.5-flash',
    input: 0.3,
    output: 2.5,
    cachedInput: 0.03,
    promptTokensUpTo: null,
    simulatedAs: 'gemini-flash',
    asOf: '2025-12-01',
  },
  {
    ...GOOGLE,
    modelId: 'gemini-2.5-flash-lite',
    input: 0.1,
    output: 0.4,
    cachedInput: 0.01,
    promptTokensUpTo: null,
    simulatedAs: null,
    asOf: '2025-12-01',
  },
  {
    ...GOOGLE,
    modelId: 'gemini-2.5-pro',
    input: 1.25,
    output: 10,
    cachedInput: 0.125,
    promptTokensUpTo: 200_000,
    simulatedAs: 'gemini-pro',
    asOf: '2025-12-01',
  },

  { ...DEEPSEEK_V3, modelId: 'deepseek-chat', simulatedAs: 'deepseek-chat' },
  { ...DEEPSEEK_V3, modelId: 'deepseek-reasoner', simulatedAs: 'deepseek-reasoner' },
];
