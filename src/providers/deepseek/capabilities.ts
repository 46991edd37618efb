import { findModel } from '../../catalog/models/find-model.ts';
import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule } from '../../core/hint-rule.ts';
import { REASONING_LEVELS } from '../../core/reasoning.ts';
import { CACHES_BY_ITSELF, oneIdentifier, OPENAI_ONLY_HINTS } from '../hint-rules.ts';
import { modelCapabilities } from '../model-capabilities.ts';

const FEATURES: readonly Feature[] = [
  'chat',
  'instructions',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'free_form_tool_arguments',
  'exact_tool_arguments',
  'json_object',
  'json_with_tools',
  'json_with_tool_choice',
  'stop',
  'stop_white_space',
  'empty_message',
  'logprobs',
  'system_after_start',
  'system_after_assistant',
  'starts_with_assistant',
  'assistant_prefill',
  'unknown_fields',
  'exact_numbers',
  'message_names',
  'reasoning_history',
];

const HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  ...oneIdentifier('user_id'),
  prompt_cache_key: CACHES_BY_ITSELF,
  prompt_cache_options: CACHES_BY_ITSELF,
  prompt_cache_retention: CACHES_BY_ITSELF,
  // Its one tier is the default one.
  service_tier: { kind: 'map', field: 'service_tier', values: { default: { send: null, exact: true } } },
  // What it thinks it always tells.
  include_thoughts: {
    kind: 'map',
    field: 'include_thoughts',
    values: { true: { send: null, exact: true }, false: { send: null, exact: false } },
  },
};

const NO_THINKING: HintRule = { kind: 'drop', reason: 'this model does not think: ask deepseek-reasoner' };

/** Levels by the vendor's own names; `none` is said by a field of its own, which the encoder writes. */
const LEVELS: HintRule = {
  kind: 'map',
  field: 'reasoning_effort',
  values: Object.fromEntries(
    REASONING_LEVELS.map((level) => [level, { send: level === 'none' ? null : level, exact: true }]),
  ),
};

const LIMITS = {
  stopSequences: 16,
  toolName: /^[a-zA-Z0-9_-]{1,64}$/,
  mediaTypes: new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
} as const;

/** What one of DeepSeek's models can do, by its name. */
export function deepSeekCapabilities(modelId: string): Capabilities {
  const model = findModel('deepseek', modelId);
  const hints = {
    ...HINTS,
    reasoning_effort: model.reasoning === null ? NO_THINKING : LEVELS,
    reasoning_budget: NO_THINKING,
  };
  const sampling = { temperature: 'temperature', top_p: 'top_p' };
  return {
    ...modelCapabilities(model, { features: FEATURES, sampling, hints, limits: LIMITS }),
    protocol: 'openai-chat',
    fitSchema: (schema) => ({ schema, changes: [] }),
    defaultOutputTokens: null,
  };
}
