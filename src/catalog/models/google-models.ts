import type { ReasoningFacts, ReasoningLevel } from '../../core/reasoning.ts';
import type { ModelTraits, SamplingFacts, VendorModels } from './model-facts.ts';

/** Google's model pages and the types of @google/genai 3.1; limits also in llm-zoo 1.37.0. */
const TOLD = { source: 'ai.google.dev/gemini-api/docs/models', asOf: '2026-11-01', tokenizer: 'gemini' } as const;

const SAMPLES: SamplingFacts = {
  temperature: { min: 0, max: 2 },
  topP: true,
  topK: true,
  penalties: true,
  seed: true,
  oneAtATime: false,
};

const THINKS: Omit<ReasoningFacts, 'levels' | 'said' | 'budget'> = {
  takesBoth: false,
  byDefault: true,
  excludesSampling: false,
  excludesForcedTool: false,
};
/** The budgets of the levels are the vendor's own, so a level is as exact as a budget. */
const ANY_BUDGET = { min: 1, max: 24_576, canChoose: true, belowCap: false } as const;

function byBudget(min: number, max: number, canRest: boolean): ReasoningFacts {
  const levels: readonly ReasoningLevel[] = ['minimal', 'low', 'medium', 'high'];
  return {
    ...THINKS,
    levels: canRest ? ['none', ...levels] : levels,
    said: 'budget',
    budget: { ...ANY_BUDGET, min, max },
  };
}

/** Takes a budget for the sake of older clients, of either a level or a budget. */
function byLevel(levels: readonly ReasoningLevel[]): ReasoningFacts {
  return { ...THINKS, levels, said: 'name', budget: { ...ANY_BUDGET, max: 32_768 } };
}

const GEMINI_2_0: ModelTraits = {
  ...TOLD,
  contextTokens: 1_048_576,
  outputTokens: 8192,
  sampling: SAMPLES,
  reasoning: null,
  hints: [],
  has: ['multiple_choices'],
  lacks: [],
};
/** Penalties are refused by the Gemini API, and taken on Vertex. */
const GEMINI_2_5: ModelTraits = {
  ...GEMINI_2_0,
  outputTokens: 65_536,
  sampling: { ...SAMPLES, penalties: false },
  reasoning: byBudget(1, 24_576, true),
  elsewhere: { vertex: { sampling: SAMPLES, has: ['multiple_choices', 'logprobs'] } },
};
const GEMINI_3: ModelTraits = {
  ...TOLD,
  contextTokens: 1_048_576,
  outputTokens: 65_536,
  sampling: SAMPLES,
  reasoning: byLevel(['low', 'medium', 'high']),
  hints: [],
  has: ['json_with_tools', 'image_in_tool_result'],
  lacks: [],
};
const GEMINI_3_FLASH: ModelTraits = { ...GEMINI_3, reasoning: byLevel(['minimal', 'low', 'medium', 'high']) };

/** What Google's models take. */
export const GOOGLE_MODELS: VendorModels = {
  rows: [
    { ...GEMINI_2_0, id: 'gemini-2.0-flash' },
    { ...GEMINI_2_0, id: 'gemini-2.0-flash-lite' },
    { ...GEMINI_2_5, id: 'gemini-2.5-flash' },
    { ...GEMINI_2_5, id: 'gemini-2.5-flash-lite', reasoning: { ...byBudget(512, 24_576, true), byDefault: false } },
    // The larger models cannot stop thinking.
    { ...GEMINI_2_5, id: 'gemini-2.5-pro', reasoning: byBudget(128, 32_768, false) },
    { ...GEMINI_3, id: 'gemini-3-pro', reasoning: byLevel(['low', 'high']) },
    { ...GEMINI_3_FLASH, id: 'gemini-3-flash' },
    { ...GEMINI_3, id: 'gemini-3.1-pro' },
    { ...GEMINI_3_FLASH, id: 'gemini-3.1-flash-lite' },
    { ...GEMINI_3_FLASH, id: 'gemini-3.5-flash' },
    { ...GEMINI_3_FLASH, id: 'gemini-3.5-flash-lite' },
    { ...GEMINI_3_FLASH, id: 'gemini-3.6-flash' },
    { ...GEMINI_3_FLASH, id: 'gemini-3.7-flash' },
    { ...GEMINI_3, id: 'gemini-3.8-flash' },
  ],
  families: [
    {
      ...GEMINI_3,
      pattern: /gemini-(?:[3-9]|\d\d)/,
      contextTokens: null,
      outputTokens: null,
      sampling: { ...SAMPLES, penalties: false },
      reasoning: byLevel(['low', 'high']),
      rule: 'Gemini 3 and later: levels low and high, no penalties',
    },
    {
      ...GEMINI_2_5,
      pattern: /(?:)/,
      contextTokens: null,
      outputTokens: null,
      reasoning: byBudget(128, 24_576, false),
      has: [],
      elsewhere: {},
      rule: 'Gemini of an unknown generation: as 2.5, one answer, thinking stays on',
    },
  ],
};
