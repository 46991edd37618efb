import type { ReasoningFacts, ReasoningLevel } from '../../core/reasoning.ts';
import type { ModelTraits, SamplingFacts, VendorModels } from './model-facts.ts';

/** Anthropic's model pages and the types of its SDK 1.12; limits also in llm-zoo 1.37.0, refusals in the AI SDK's catalogue. */
const TOLD = {
  source: 'platform.claude.com/docs/en/about-claude/models',
  asOf: '2026-11-01',
  tokenizer: 'claude',
} as const;

const SAMPLES: SamplingFacts = {
  temperature: { min: 0, max: 1 },
  topP: true,
  topK: true,
  penalties: false,
  seed: false,
  oneAtATime: true,
};
/** What was released after Opus 4.6 takes no sampling parameters but their neutral values. */
const NO_SAMPLING: SamplingFacts = { ...SAMPLES, temperature: null, topP: false, topK: false };

/** Thoughts count as output, so a budget stays below the cap. */
const BUDGET = { min: 1024, max: 63_999, canChoose: false, belowCap: true } as const;
const BY_BUDGET: ReasoningFacts = {
  levels: ['none'],
  said: 'budget',
  budget: BUDGET,
  takesBoth: false,
  byDefault: false,
  excludesSampling: true,
  excludesForcedTool: true,
};

function adaptive(levels: readonly ReasoningLevel[], byDefault: boolean): ReasoningFacts {
  return { ...BY_BUDGET, levels, said: 'adaptive', takesBoth: true, budget: null, byDefault };
}

const CLAUDE_3: ModelTraits = {
  ...TOLD,
  contextTokens: 200_000,
  outputTokens: 8192,
  sampling: { ...SAMPLES, oneAtATime: false },
  reasoning: null,
  hints: [],
  has: ['assistant_prefill'],
  lacks: ['json_schema', 'strict_tools'],
};
const CLAUDE_4: ModelTraits = {
  ...CLAUDE_3,
  outputTokens: 64_000,
  sampling: SAMPLES,
  reasoning: BY_BUDGET,
};
const CLAUDE_4_5: ModelTraits = { ...CLAUDE_4, lacks: [] };
/** The first that takes levels beside a budget. */
const OPUS_4_5: ModelTraits = {
  ...CLAUDE_4_5,
  reasoning: { ...BY_BUDGET, levels: ['none', 'low', 'medium', 'high'], said: 'name', takesBoth: true },
};
const CLAUDE_4_6: ModelTraits = {
  ...CLAUDE_4_5,
  contextTokens: 1_000_000,
  outputTokens: 128_000,
  reasoning: { ...BY_BUDGET, levels: ['none', 'low', 'medium', 'high', 'max'], said: 'adaptive', takesBoth: true },
  has: [],
};
/** Thinks adaptively, by levels only. */
const CLAUDE_4_7: ModelTraits = {
  ...CLAUDE_4_6,
  sampling: NO_SAMPLING,
  reasoning: adaptive(['none', 'low', 'medium', 'high', 'xhigh', 'max'], false),
};
const CLAUDE_5: ModelTraits = {
  ...CLAUDE_4_7,
  reasoning: adaptive(['none', 'low', 'medium', 'high', 'xhigh', 'max'], true),
};
const FORCED_CHOICE = ['tool_choice_required', 'tool_choice_named'] as const;
/** Cannot be kept from thinking, nor made to call a tool. */
const ALWAYS_THINKING: ModelTraits = {
  ...CLAUDE_5,
  reasoning: adaptive(['low', 'medium', 'high', 'xhigh', 'max'], true),
  lacks: FORCED_CHOICE,
};
/** Instructions in the midst of a conversation, after a user's turn. */
const LATE_SYSTEM = ['system_after_start'] as const;
/** Too new for the pages that were read: its window is not known. */
const NEWEST = { contextTokens: null } as const;

/** What Anthropic's models take. */
export const ANTHROPIC_MODELS: VendorModels = {
  rows: [
    { ...CLAUDE_3, id: 'claude-3-haiku', outputTokens: 4096 },
    { ...CLAUDE_3, id: 'claude-3-opus', outputTokens: 4096 },
    { ...CLAUDE_3, id: 'claude-3-5-haiku' },
    { ...CLAUDE_3, id: 'claude-3-5-sonnet' },
    { ...CLAUDE_4, id: 'claude-3-7-sonnet', sampling: CLAUDE_3.sampling },
    { ...CLAUDE_4, id: 'claude-sonnet-4' },
    {
      ...CLAUDE_4,
      id: 'claude-opus-4',
      outputTokens: 32_000,
      reasoning: { ...BY_BUDGET, budget: { ...BUDGET, max: 31_999 } },
    },
    {
      ...CLAUDE_4_5,
      id: 'claude-opus-4-1',
      outputTokens: 32_000,
      reasoning: { ...BY_BUDGET, budget: { ...BUDGET, max: 31_999 } },
    },
    { ...CLAUDE_4_5, id: 'claude-sonnet-4-5' },
    { ...CLAUDE_4_5, id: 'claude-haiku-4-5' },
    { ...OPUS_4_5, id: 'claude-opus-4-5' },
    { ...CLAUDE_4_6, id: 'claude-sonnet-4-6', outputTokens: 64_000 },
    { ...CLAUDE_4_6, id: 'claude-opus-4-6' },
    { ...CLAUDE_4_7, id: 'claude-opus-4-7' },
    { ...CLAUDE_4_7, id: 'claude-opus-4-8', has: LATE_SYSTEM },
    { ...CLAUDE_5, id: 'claude-sonnet-5' },
    { ...CLAUDE_5, id: 'claude-opus-5', has: LATE_SYSTEM },
    { ...CLAUDE_5, ...NEWEST, id: 'claude-haiku-5-5' },
    { ...ALWAYS_THINKING, ...NEWEST, id: 'claude-sonnet-5-5' },
    { ...ALWAYS_THINKING, id: 'claude-opus-5-5', has: LATE_SYSTEM },
    { ...ALWAYS_THINKING, id: 'claude-fable-5' },
    { ...ALWAYS_THINKING, id: 'claude-fable-5-1' },
    { ...ALWAYS_THINKING, ...NEWEST, id: 'claude-fable-5-2' },
    { ...ALWAYS_THINKING, id: 'claude-mythos-5' },
    { ...ALWAYS_THINKING, id: 'claude-mythos-5-1' },
    { ...ALWAYS_THINKING, ...NEWEST, id: 'claude-mythos-5-2' },
  ],
  families: [
    {
      ...CLAUDE_3,
      pattern: /^claude-(?:instant|v?[0-3])/,
      contextTokens: null,
      outputTokens: null,
      has: [],
      rule: 'Claude up to 3: no thinking, no structured output',
    },
    {
      ...ALWAYS_THINKING,
      pattern: /(?:)/,
      contextTokens: null,
      outputTokens: null,
      reasoning: adaptive(['low', 'medium', 'high'], true),
      lacks: [...FORCED_CHOICE, 'json_schema', 'strict_tools'],
      rule: 'Claude of an unknown generation: no sampling, no forced tool choice, no prefill, no structured output',
    },
  ],
};
