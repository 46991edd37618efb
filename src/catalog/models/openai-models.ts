import type { ReasoningFacts, ReasoningLevel } from '../../core/reasoning.ts';
import type { ModelTraits, SamplingFacts, VendorModels } from './model-facts.ts';

/** OpenAI's model pages and API reference; limits also in llm-zoo 1.37.0, levels in the AI SDK's catalogue. */
const TOLD = { source: 'platform.openai.com/docs/models', asOf: '2026-11-01', tokenizer: 'o200k' } as const;

const SAMPLES: SamplingFacts = {
  temperature: { min: 0, max: 2 },
  topP: true,
  topK: false,
  penalties: true,
  seed: true,
  oneAtATime: false,
};
const NO_SAMPLING: SamplingFacts = { ...SAMPLES, temperature: null, topP: false, penalties: false };

function thinking(levels: readonly ReasoningLevel[], excludesSampling = true): ReasoningFacts {
  const rest = { budget: null, takesBoth: false, byDefault: true, excludesForcedTool: false };
  return { levels, said: 'name', excludesSampling, ...rest };
}
const O_LEVELS = thinking(['low', 'medium', 'high']);
const GPT_5_LEVELS = thinking(['minimal', 'low', 'medium', 'high']);
const GPT_5_1_LEVELS = thinking(['none', 'low', 'medium', 'high']);
const GPT_5_2_LEVELS = thinking(['none', 'low', 'medium', 'high', 'xhigh']);
const ALL_LEVELS = thinking(['none', 'low', 'medium', 'high', 'xhigh', 'max']);
const ALWAYS_THINKING = thinking(['low', 'medium', 'high', 'xhigh', 'max']);

/** What the protocol has and models that reason refuse. */
const NOT_WHILE_REASONING = ['stop', 'stop_white_space', 'logprobs', 'logit_bias'] as const;
const VISION = ['image_data', 'image_url', 'file_input'] as const;

const CHAT: ModelTraits = {
  ...TOLD,
  contextTokens: 128_000,
  outputTokens: 16_384,
  sampling: SAMPLES,
  reasoning: null,
  hints: ['prediction'],
  has: VISION,
  lacks: [],
};
const GPT_4_1: ModelTraits = { ...CHAT, contextTokens: 1_047_576, outputTokens: 32_768 };
const OLD_CHAT: ModelTraits = { ...CHAT, tokenizer: 'cl100k', hints: [], outputTokens: 4096, lacks: ['json_schema'] };

const O_SERIES: ModelTraits = {
  ...TOLD,
  contextTokens: 200_000,
  outputTokens: 100_000,
  sampling: NO_SAMPLING,
  reasoning: O_LEVELS,
  hints: [],
  has: VISION,
  lacks: [...NOT_WHILE_REASONING, 'single_tool_call'],
};
/** The first of the series take neither levels, nor instructions, nor tools, nor formats. */
const O1_EARLY: ModelTraits = {
  ...O_SERIES,
  contextTokens: 128_000,
  reasoning: null,
  has: [],
  lacks: [...O_SERIES.lacks, 'instructions', 'tools', 'json_object', 'json_schema'],
};

const GPT_5: ModelTraits = {
  ...TOLD,
  contextTokens: 400_000,
  outputTokens: 128_000,
  sampling: NO_SAMPLING,
  reasoning: GPT_5_LEVELS,
  hints: ['verbosity', 'prediction'],
  has: VISION,
  lacks: NOT_WHILE_REASONING,
};
/** From 5.1 to the end of that generation sampling is taken again where the model is told not to reason. */
const GPT_5_1: ModelTraits = { ...GPT_5, sampling: SAMPLES, reasoning: GPT_5_1_LEVELS };
const GPT_5_2: ModelTraits = { ...GPT_5_1, reasoning: GPT_5_2_LEVELS };
const GPT_5_4: ModelTraits = { ...GPT_5_2, contextTokens: 1_050_000 };
const GPT_5_6: ModelTraits = { ...GPT_5_4, reasoning: ALL_LEVELS };
const GPT_6: ModelTraits = {
  ...GPT_5_6,
  sampling: NO_SAMPLING,
  hints: ['verbosity'],
  has: ['image_data', 'image_url'],
};
const GPT_6_ALWAYS: ModelTraits = { ...GPT_6, reasoning: ALWAYS_THINKING };

/** What OpenAI's models take. */
export const OPENAI_MODELS: VendorModels = {
  rows: [
    { ...CHAT, id: 'gpt-4o' },
    // Formats with a schema began with the next snapshot.
    { ...CHAT, id: 'gpt-4o-2024-05-13', outputTokens: 4096, lacks: ['json_schema'] },
    { ...CHAT, id: 'gpt-4o-mini' },
    { ...CHAT, id: 'chatgpt-4o-latest', hints: [], lacks: ['tools', 'json_schema'] },
    { ...CHAT, id: 'gpt-4o-audio-preview', hints: [], has: ['audio_input'], lacks: ['json_schema', 'json_object'] },
    {
      ...CHAT,
      id: 'gpt-4o-mini-audio-preview',
      hints: [],
      has: ['audio_input'],
      lacks: ['json_schema', 'json_object'],
    },
    { ...GPT_4_1, id: 'gpt-4.1' },
    { ...GPT_4_1, id: 'gpt-4.1-mini' },
    { ...GPT_4_1, id: 'gpt-4.1-nano' },
    { ...OLD_CHAT, id: 'gpt-4-turbo', has: ['image_data', 'image_url'] },
    { ...OLD_CHAT, id: 'gpt-4', contextTokens: 8192, outputTokens: 8192, has: [] },
    { ...OLD_CHAT, id: 'gpt-3.5-turbo', contextTokens: 16_385, has: [] },
    { ...O1_EARLY, id: 'o1-mini', outputTokens: 65_536 },
    { ...O1_EARLY, id: 'o1-preview', outputTokens: 32_768 },
    { ...O_SERIES, id: 'o1' },
    { ...O_SERIES, id: 'o3' },
    { ...O_SERIES, id: 'o3-mini', has: [] },
    { ...O_SERIES, id: 'o4-mini' },
    { ...GPT_5, id: 'gpt-5' },
    { ...GPT_5, id: 'gpt-5-mini' },
    { ...GPT_5, id: 'gpt-5-nano' },
    { ...CHAT, id: 'gpt-5-chat-latest', hints: ['verbosity'], lacks: ['tools'] },
    { ...GPT_5_1, id: 'gpt-5.1' },
    { ...GPT_5_2, id: 'gpt-5.2' },
    { ...GPT_5_4, id: 'gpt-5.4' },
    { ...GPT_5_4, id: 'gpt-5.4-mini', contextTokens: 400_000 },
    { ...GPT_5_4, id: 'gpt-5.4-nano', contextTokens: 400_000 },
    { ...GPT_5_4, id: 'gpt-5.5' },
    { ...GPT_5_6, id: 'gpt-5.6' },
    { ...GPT_5_6, id: 'gpt-5.6-sol' },
    { ...GPT_5_6, id: 'gpt-5.6-terra' },
    { ...GPT_5_6, id: 'gpt-5.6-luna' },
    { ...GPT_6, id: 'gpt-6-sol' },
    { ...GPT_6, id: 'gpt-6-luna' },
    { ...GPT_6_ALWAYS, id: 'gpt-6-astra' },
    { ...GPT_6_ALWAYS, id: 'gpt-6.1-sol' },
    { ...GPT_6, id: 'gpt-6.1-terra' },
  ],
  families: [
    {
      ...GPT_6_ALWAYS,
      pattern: /^(?:o\d|gpt-(?:[5-9]|\d\d))/,
      reasoning: O_LEVELS,
      contextTokens: null,
      outputTokens: null,
      lacks: O_SERIES.lacks,
      rule: 'OpenAI models that reason: no sampling, levels low to high',
    },
    {
      ...CHAT,
      pattern: /(?:)/,
      contextTokens: null,
      outputTokens: null,
      tokenizer: null,
      hints: [],
      has: [],
      lacks: ['json_schema'],
      rule: 'OpenAI models of an unknown generation: no images, no files, no formats with a schema',
    },
  ],
};
