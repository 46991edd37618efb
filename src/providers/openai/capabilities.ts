import { findModel } from '../../catalog/models/find-model.ts';
import type { Capabilities, Feature } from '../../core/capabilities.ts';
import type { HintRule } from '../../core/hint-rule.ts';
import { modelCapabilities } from '../model-capabilities.ts';

const FEATURES: readonly Feature[] = [
  'chat',
  'instructions',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'allowed_tools',
  'custom_tools',
  'single_tool_call',
  'strict_tools',
  'free_form_tool_arguments',
  'exact_tool_arguments',
  'json_object',
  'json_schema',
  'json_with_tools',
  'json_with_tool_choice',
  'stop',
  'stop_white_space',
  'empty_message',
  'multiple_choices',
  'logprobs',
  'logit_bias',
  'store',
  'web_search',
  'service_tier',
  'system_after_start',
  'system_after_assistant',
  'starts_with_assistant',
  'assistant_prefill',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
  'message_names',
  'image_detail',
];

/** It takes a conversation that ends with the assistant's words, but does not go on from them as others do. */
const OWN_ONLY: ReadonlySet<Feature> = new Set<Feature>(['assistant_prefill']);

const SAMPLING = {
  temperature: 'temperature',
  top_p: 'top_p',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  seed: 'seed',
} as const;

const pass = (field: string): HintRule => ({ kind: 'pass', field });
const HINTS: Readonly<Record<string, HintRule>> = {
  user: pass('user'),
  safety_identifier: pass('safety_identifier'),
  metadata: pass('metadata'),
  prompt_cache_key: pass('prompt_cache_key'),
  prompt_cache_options: pass('prompt_cache_options'),
  prompt_cache_retention: pass('prompt_cache_retention'),
  include_thoughts: {
    kind: 'map',
    field: 'include_thoughts',
    values: { false: { send: null, exact: true }, true: { send: null, exact: false } },
  },
};
const NO_REASONING: HintRule = { kind: 'drop', reason: 'this model does not reason' };

const LIMITS = {
  stopSequences: 4,
  toolName: /^[a-zA-Z0-9_-]{1,64}$/,
  mediaTypes: new Set([
    'image/png',
    'image/jpeg',
    'image/webp',
    'image/gif',
    'application/pdf',
    'audio/wav',
    'audio/mp3',
    'audio/mpeg',
  ]),
} as const;

/** What one of OpenAI's models can do, by its name. */
export function openAiCapabilities(modelId: string): Capabilities {
  const model = findModel('openai', modelId);
  const reasoning = model.reasoning === null ? NO_REASONING : pass('reasoning_effort');
  const further = (name: 'verbosity' | 'prediction'): HintRule =>
    model.hints.includes(name) ? pass(name) : { kind: 'drop', reason: `this model has no ${name}` };
  const hints = {
    ...HINTS,
    reasoning_effort: reasoning,
    reasoning_budget: NO_REASONING,
    verbosity: further('verbosity'),
    prediction: further('prediction'),
  };
  return {
    ...modelCapabilities(model, { features: FEATURES, sampling: SAMPLING, hints, limits: LIMITS }),
    protocol: 'openai-chat',
    ownOnly: OWN_ONLY,
    fitSchema: (schema) => ({ schema, changes: [] }),
    defaultOutputTokens: null,
  };
}

/** Whether the model calls the output cap by its newer name only, as those that reason do. */
export function isReasoningModel(modelId: string): boolean {
  return /^(?:ft:)?(?:o\d|gpt-[5-9])/.test(modelId) && !modelId.startsWith('gpt-5-chat');
}
