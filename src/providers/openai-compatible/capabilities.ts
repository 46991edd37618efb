import type { ModelTraits } from '../../catalog/models/model-facts.ts';
import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule } from '../../core/hint-rule.ts';
import { NO_SUCH_PARAMETER, OPENAI_ONLY_HINTS } from '../hint-rules.ts';
import { modelCapabilities } from '../model-capabilities.ts';

/** What every server of the protocol is known to take: of what some take and others refuse or ignore, nothing. */
const FEATURES: readonly Feature[] = [
  'chat',
  'instructions',
  'tools',
  'free_form_tool_arguments',
  'exact_tool_arguments',
  'stop',
  'stop_white_space',
  'empty_message',
  'system_after_start',
  'system_after_assistant',
  'starts_with_assistant',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
];

const UNKNOWN_LEVELS: HintRule = { kind: 'drop', reason: 'nothing is known of how this model reasons' };
const HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  user: NO_SUCH_PARAMETER,
  safety_identifier: NO_SUCH_PARAMETER,
  prompt_cache_key: NO_SUCH_PARAMETER,
  prompt_cache_options: NO_SUCH_PARAMETER,
  prompt_cache_retention: NO_SUCH_PARAMETER,
  reasoning_effort: UNKNOWN_LEVELS,
  reasoning_budget: UNKNOWN_LEVELS,
  include_thoughts: UNKNOWN_LEVELS,
};

const LIMITS = { stopSequences: 4, toolName: /^[a-zA-Z0-9_-]{1,64}$/, mediaTypes: new Set<string>() } as const;

/** Of a model that only its operator knows. */
const MODEL: ModelTraits = {
  contextTokens: null,
  outputTokens: null,
  tokenizer: null,
  sampling: {
    temperature: { min: 0, max: 2 },
    topP: true,
    topK: false,
    penalties: false,
    seed: false,
    oneAtATime: false,
  },
  reasoning: null,
  hints: [],
  has: [],
  lacks: [],
  source: 'what servers of the protocol have in common',
  asOf: '2026-11-22',
};

const SAMPLING = { temperature: 'temperature', top_p: 'top_p' } as const;

/** What is taken for granted of any server that speaks the protocol. */
export function openAiCompatibleCapabilities(): Capabilities {
  return {
    ...modelCapabilities(MODEL, { features: FEATURES, sampling: SAMPLING, hints: HINTS, limits: LIMITS }),
    protocol: 'openai-chat',
    fitSchema: (schema) => ({ schema, changes: [] }),
    defaultOutputTokens: null,
  };
}
