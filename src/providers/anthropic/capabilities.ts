import { findModel } from '../../catalog/models/find-model.ts';
import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule, MappedValue } from '../../core/hint-rule.ts';
import { MODEL_CHOOSES, type ReasoningFacts } from '../../core/reasoning.ts';
import { NO_SUCH_PARAMETER, oneIdentifier, OPENAI_ONLY_HINTS } from '../hint-rules.ts';
import { modelCapabilities } from '../model-capabilities.ts';
import { fitAnthropicSchema } from './schema-subset.ts';

const FEATURES: readonly Feature[] = [
  'chat',
  'instructions',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'single_tool_call',
  'strict_tools',
  'exact_tool_arguments',
  'tool_errors',
  'json_schema',
  'json_with_tools',
  'json_with_tool_choice',
  'stop',
  'image_data',
  'image_url',
  'image_in_tool_result',
  'file_input',
  'file_url',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
];

const SAMPLING = { temperature: 'temperature', top_p: 'top_p', top_k: 'top_k' } as const;

const HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  ...oneIdentifier('metadata.user_id'),
  prompt_cache_key: NO_SUCH_PARAMETER,
  prompt_cache_options: NO_SUCH_PARAMETER,
  prompt_cache_retention: NO_SUCH_PARAMETER,
  service_tier: { kind: 'map', field: 'service_tier', values: { default: { send: 'standard_only', exact: true } } },
};

const NO_THINKING: HintRule = { kind: 'drop', reason: 'this model does not think' };

const LIMITS = {
  stopSequences: null,
  toolName: /^[a-zA-Z0-9_-]{1,64}$/,
  mediaTypes: new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/pdf', 'text/plain']),
} as const;

/** The cap of a model whose own is not known: every one since Claude 3.5 takes it. */
const COMMON_OUTPUT_TOKENS = 8192;

/** What one of the vendor's models can do, by its name. */
export function anthropicCapabilities(modelId: string): Capabilities {
  const model = findModel('anthropic', modelId);
  const hints = { ...HINTS, ...thinkingRules(model.reasoning) };
  return {
    ...modelCapabilities(model, { features: FEATURES, sampling: SAMPLING, hints, limits: LIMITS }),
    protocol: 'anthropic-messages',
    fitSchema: fitAnthropicSchema,
    defaultOutputTokens: model.outputTokens ?? COMMON_OUTPUT_TOKENS,
  };
}

/** Models that take a budget are told to think by it; the others by a level, and think adaptively. */
function thinkingRules(reasoning: ReasoningFacts | null): Readonly<Record<string, HintRule>> {
  if (reasoning === null) {
    return { reasoning_effort: NO_THINKING, reasoning_budget: NO_THINKING, include_thoughts: NO_THINKING };
  }
  const isAdaptive = reasoning.said === 'adaptive';
  // Those that think by a budget always tell what they think.
  const told = {
    send: isAdaptive ? 'summarized' : null,
    ...(isAdaptive && reasoning.byDefault ? { also: { 'thinking.type': 'adaptive' } } : {}),
  };
  const level = (name: string): MappedValue =>
    name === 'none'
      ? { send: null, exact: true, also: { 'thinking.type': 'disabled' } }
      : {
          send: name,
          exact: true,
          ...(isAdaptive ? { also: { 'thinking.type': 'adaptive' } } : {}),
        };
  const values = Object.fromEntries(reasoning.levels.map((name) => [name, level(name)]));
  return {
    reasoning_effort: { kind: 'map', field: 'output_config.effort', values },
    reasoning_budget: {
      kind: 'pass',
      field: 'thinking.budget_tokens',
      also: { 'thinking.type': 'enabled' },
      except: {
        '0': { send: null, exact: true, also: { 'thinking.type': 'disabled' } },
        [String(MODEL_CHOOSES)]: { send: null, exact: true, also: { 'thinking.type': 'adaptive' } },
      },
    },
    reasoning_summary: {
      kind: 'map',
      field: 'thinking.display',
      values: {
        auto: { ...told, exact: true },
        concise: { ...told, exact: false },
        detailed: { ...told, exact: false },
      },
    },
    include_thoughts: {
      kind: 'map',
      field: 'thinking.display',
      values: {
        true: { ...told, exact: true },
        false: { send: isAdaptive ? 'omitted' : null, exact: isAdaptive },
      },
    },
  };
}
