import type { ReasoningFacts } from '../../core/reasoning.ts';
import type { ModelTraits, SamplingFacts, VendorModels } from './model-facts.ts';

/** DeepSeek's API documentation and the types of @ai-sdk/deepseek 3.0; limits also in llm-zoo 1.37.0. */
const TOLD = { source: 'api-docs.deepseek.com', asOf: '2026-11-01', tokenizer: 'deepseek' } as const;

const SAMPLES: SamplingFacts = {
  temperature: { min: 0, max: 2 },
  topP: true,
  topK: false,
  penalties: false,
  seed: false,
  oneAtATime: false,
};

/** Sampling parameters are accepted while it thinks, and ignored. */
const THINKS: ReasoningFacts = {
  levels: ['none', 'low', 'high', 'max'],
  stands: { minimal: 'low', medium: 'high', xhigh: 'high' },
  said: 'name',
  budget: null,
  takesBoth: false,
  byDefault: true,
  excludesSampling: true,
  excludesForcedTool: false,
};

const V4: ModelTraits = {
  ...TOLD,
  contextTokens: 1_048_565,
  outputTokens: 393_216,
  sampling: SAMPLES,
  reasoning: THINKS,
  hints: [],
  has: [],
  lacks: ['logprobs'],
};
/** Retired names, which the vendor serves by deepseek-v4-flash with thinking off or on. */
const ALIAS: ModelTraits = { ...V4, outputTokens: null };

/** What DeepSeek's models take. */
export const DEEPSEEK_MODELS: VendorModels = {
  rows: [
    { ...ALIAS, id: 'deepseek-chat', reasoning: null, lacks: [] },
    { ...ALIAS, id: 'deepseek-reasoner', reasoning: { ...THINKS, levels: ['low', 'high', 'max'] } },
    { ...V4, id: 'deepseek-flash', has: ['image_data', 'image_url', 'image_detail'] },
    { ...V4, id: 'deepseek-v4-flash' },
    { ...V4, id: 'deepseek-v4-flash-vision-exp', has: ['image_data', 'image_url', 'image_detail'] },
    { ...V4, id: 'deepseek-v4-pro', reasoning: { ...THINKS, levels: ['none', 'high', 'max'], stands: {} } },
  ],
  families: [
    {
      ...V4,
      pattern: /(?:)/,
      contextTokens: null,
      outputTokens: null,
      reasoning: { ...THINKS, levels: ['high'], stands: {} },
      rule: 'DeepSeek models: thinking, at the level high',
    },
  ],
};
