import type { CountedModel } from './token-count.ts';

/** How one family of models counts, measured against the o200k vocabulary. */
export interface TokenizerFacts {
  /** Whether o200k is the vendor's own vocabulary, and the frame of messages is documented. */
  readonly isOwnVocabulary: boolean;
  /** Tokens of this model for one of o200k, until its own reports teach better. */
  readonly factor: number;
  /** How far off `factor` nine of ten prompts are at most, as a share. */
  readonly errorBand: number;
  /** What the vendor adds when a request has tools. */
  readonly toolPromptTokens: number;
  readonly source: string;
  readonly asOf: string;
}

interface Family extends TokenizerFacts {
  /** Of the vendor's name of the model, without what a reseller puts before it. */
  readonly pattern: RegExp;
}

const OPENAI = {
  toolPromptTokens: 0,
  source: 'cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken',
  asOf: '2026-11-01',
} as const;
const ANTHROPIC = {
  isOwnVocabulary: false,
  toolPromptTokens: 346,
  source: 'platform.claude.com/docs/en/build-with-claude/token-counting',
  asOf: '2026-11-01',
} as const;

/** The first that fits. Where the vendor publishes no vocabulary the factor is a first guess, and its band says so. */
const FAMILIES: readonly Family[] = [
  { ...OPENAI, pattern: /^(?:chatgpt-)?gpt-4o|^gpt-4\.1/, isOwnVocabulary: true, factor: 1, errorBand: 0 },
  { ...OPENAI, pattern: /^gpt-[56]|^o[134](?:-|$)/, isOwnVocabulary: false, factor: 1, errorBand: 0.03 },
  { ...OPENAI, pattern: /^gpt-(?:4|3\.5)/, isOwnVocabulary: false, factor: 1.05, errorBand: 0.25 },
  // The vocabulary of 4.7 and later makes up to 1.35 times the tokens of the one before.
  {
    ...ANTHROPIC,
    pattern: /^claude-(?:opus-4-[78]|(?:opus|sonnet|haiku|fable)-5)/,
    factor: 1.4,
    errorBand: 0.35,
  },
  { ...ANTHROPIC, pattern: /^claude/, factor: 1.15, errorBand: 0.25 },
  {
    pattern: /^gemini/,
    isOwnVocabulary: false,
    factor: 1.05,
    errorBand: 0.2,
    toolPromptTokens: 0,
    source: 'ai.google.dev/gemini-api/docs/tokens',
    asOf: '2026-11-01',
  },
  {
    pattern: /^deepseek/,
    isOwnVocabulary: false,
    factor: 1.05,
    errorBand: 0.2,
    toolPromptTokens: 0,
    source: 'api-docs.deepseek.com/quick_start/token_usage',
    asOf: '2026-11-01',
  },
];

const UNKNOWN: TokenizerFacts = {
  isOwnVocabulary: false,
  factor: 1.15,
  errorBand: 0.4,
  toolPromptTokens: 0,
  source: 'no page: the middle of the vendors above',
  asOf: '2026-11-01',
};

/** How the model counts. The simulator counts in a way of its own, whomever it plays. */
export function tokenizerFacts({ kind, modelId, simulated }: CountedModel): TokenizerFacts {
  if (simulated) return { ...UNKNOWN, source: 'the simulator' };
  const name = modelId.slice(modelId.lastIndexOf('/') + 1);
  const facts: TokenizerFacts = FAMILIES.find(({ pattern }) => pattern.test(name)) ?? UNKNOWN;
  // Under the same name, others may put something else around the prompt.
  return facts.isOwnVocabulary && kind !== 'openai' ? { ...facts, isOwnVocabulary: false, errorBand: 0.05 } : facts;
}
