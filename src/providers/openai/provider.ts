import type { Capabilities, Feature, HintRule } from '../../core/capabilities.ts';
import { defineOpenAiCompatible } from '../openai-compatible/define.ts';

/** OpenAI's API reference and model pages, read 2026-11. */
const SOURCE = 'OpenAI API reference, 2026-11';

const FEATURES: ReadonlySet<Feature> = new Set<Feature>([
  'chat',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'allowed_tools',
  'single_tool_call',
  'strict_tools',
  'free_form_tool_arguments',
  'json_object',
  'json_schema',
  'json_with_tools',
  'stop',
  'stop_white_space',
  'empty_message',
  'logprobs',
  'logit_bias',
  'store',
  'web_search',
  'service_tier',
  'image_data',
  'image_url',
  'audio_input',
  'file_input',
  'system_after_start',
  'starts_with_assistant',
  'assistant_prefill',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
  'message_names',
  'image_detail',
]);

/** Reasoning models take no sampling parameters and call the output cap by its newer name only. */
const REASONING_MODEL = /^(o\d|gpt-[5-9])/;

const pass = (field: string): HintRule => ({ kind: 'pass', field });
const SHARED_HINTS: Readonly<Record<string, HintRule>> = {
  seed: pass('seed'),
  prediction: pass('prediction'),
  user: pass('user'),
  safety_identifier: pass('safety_identifier'),
  metadata: pass('metadata'),
  prompt_cache_key: pass('prompt_cache_key'),
  prompt_cache_options: pass('prompt_cache_options'),
  prompt_cache_retention: pass('prompt_cache_retention'),
};
const NO_SAMPLING: HintRule = { kind: 'drop', reason: 'reasoning models take no sampling parameters' };
const NO_REASONING: HintRule = { kind: 'drop', reason: 'this model does not reason' };

const REASONING_HINTS: Readonly<Record<string, HintRule>> = {
  ...SHARED_HINTS,
  temperature: NO_SAMPLING,
  top_p: NO_SAMPLING,
  frequency_penalty: NO_SAMPLING,
  presence_penalty: NO_SAMPLING,
  reasoning_effort: pass('reasoning_effort'),
  verbosity: pass('verbosity'),
};
const CHAT_HINTS: Readonly<Record<string, HintRule>> = {
  ...SHARED_HINTS,
  temperature: pass('temperature'),
  top_p: pass('top_p'),
  frequency_penalty: pass('frequency_penalty'),
  presence_penalty: pass('presence_penalty'),
  reasoning_effort: NO_REASONING,
  verbosity: { kind: 'drop', reason: 'this model has no verbosity' },
};

function capabilities(modelId: string): Capabilities {
  return {
    protocol: 'openai-chat',
    features: FEATURES,
    emulates: new Set(),
    acceptsSchema: () => true,
    hints: REASONING_MODEL.test(modelId) ? REASONING_HINTS : CHAT_HINTS,
    exclusiveHints: [],
    defaultOutputTokens: null,
    source: SOURCE,
  };
}

/** OpenAI, Chat Completions. */
export const openai = defineOpenAiCompatible({
  kind: 'openai',
  defaultUrl: 'https://api.openai.com/v1',
  capabilities,
  encodeOptions: (modelId) => ({
    path: '/chat/completions',
    outputCap: REASONING_MODEL.test(modelId) ? 'max_completion_tokens' : null,
    leavesOutNeutral: false,
    developerRole: true,
    fitMessages: (messages) => ({ messages, adjustments: [] }),
  }),
  requestIdHeader: 'x-request-id',
});
