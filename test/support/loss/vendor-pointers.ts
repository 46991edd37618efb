/**
 * Where each vendor has the parameters that are single values, by their names in Chat Completions: from the vendors'
 * references, not from the code. What is not here the vendor does not have.
 */
const OPENAI_CHAT = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'n',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'parallel_tool_calls',
  'user',
  'safety_identifier',
  'metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'prediction',
  'verbosity',
  'reasoning_effort',
  'service_tier',
  'store',
  'modalities',
  'audio',
  'moderation',
  'web_search_options',
];

type Pointers = Readonly<Record<string, readonly string[]>>;

const OPENAI: Pointers = {
  ...Object.fromEntries(OPENAI_CHAT.map((name) => [name, [name]])),
  max_tokens: ['max_tokens', 'max_completion_tokens'],
  max_completion_tokens: ['max_completion_tokens', 'max_tokens'],
  reasoning_budget: ['reasoning_effort'],
  functions: ['functions', 'tools'],
  function_call: ['function_call', 'tool_choice'],
};

const ANTHROPIC: Pointers = {
  temperature: ['temperature'],
  top_p: ['top_p'],
  top_k: ['top_k'],
  stop: ['stop_sequences'],
  max_tokens: ['max_tokens'],
  max_completion_tokens: ['max_tokens'],
  parallel_tool_calls: ['tool_choice.disable_parallel_tool_use'],
  user: ['metadata.user_id'],
  safety_identifier: ['metadata.user_id'],
  reasoning_effort: ['output_config.effort', 'thinking'],
  reasoning_budget: ['thinking.budget_tokens', 'output_config.effort', 'thinking'],
  include_thoughts: ['thinking'],
  reasoning_summary: ['thinking.display', 'thinking.type'],
  service_tier: ['service_tier'],
};

const GOOGLE: Pointers = {
  temperature: ['generationConfig.temperature'],
  top_p: ['generationConfig.topP'],
  top_k: ['generationConfig.topK'],
  frequency_penalty: ['generationConfig.frequencyPenalty'],
  presence_penalty: ['generationConfig.presencePenalty'],
  seed: ['generationConfig.seed'],
  stop: ['generationConfig.stopSequences'],
  n: ['generationConfig.candidateCount'],
  logprobs: ['generationConfig.responseLogprobs'],
  top_logprobs: ['generationConfig.logprobs'],
  max_tokens: ['generationConfig.maxOutputTokens'],
  max_completion_tokens: ['generationConfig.maxOutputTokens'],
  reasoning_effort: ['generationConfig.thinkingConfig.thinkingLevel', 'generationConfig.thinkingConfig.thinkingBudget'],
  reasoning_budget: ['generationConfig.thinkingConfig.thinkingBudget', 'generationConfig.thinkingConfig.thinkingLevel'],
  include_thoughts: ['generationConfig.thinkingConfig.includeThoughts'],
  reasoning_summary: ['generationConfig.thinkingConfig.includeThoughts'],
  service_tier: ['serviceTier'],
};

const DEEPSEEK: Pointers = {
  temperature: ['temperature'],
  top_p: ['top_p'],
  stop: ['stop'],
  logprobs: ['logprobs'],
  top_logprobs: ['top_logprobs'],
  max_tokens: ['max_tokens'],
  max_completion_tokens: ['max_tokens'],
  reasoning_effort: ['reasoning_effort', 'thinking.type'],
  reasoning_budget: ['reasoning_effort', 'thinking.type'],
  user: ['user_id'],
  safety_identifier: ['user_id'],
  functions: ['tools'],
  function_call: ['tool_choice'],
};

export const VENDOR_POINTERS: Readonly<Record<string, ReadonlyMap<string, readonly string[]>>> = {
  openai: new Map(Object.entries(OPENAI)),
  anthropic: new Map(Object.entries(ANTHROPIC)),
  google: new Map(Object.entries(GOOGLE)),
  deepseek: new Map(Object.entries(DEEPSEEK)),
};
